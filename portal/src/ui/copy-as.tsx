import { Code, Link2 } from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { asCurl } from '~/api/as-curl.ts'
import { asGraphql, isInGraph } from '~/api/as-graphql.ts'
import { useShownCalls, type Call } from '~/api/shown-calls.ts'
import { common } from '~/texts/common.ts'
import { IconButton } from '~/ui/button.tsx'
import { Menu, type MenuItem } from '~/ui/menu.tsx'
import { showDone, showProblem } from '~/ui/toast.tsx'

export interface Copied {
  /** What the view shows. */
  readonly call: Call
  /** The same rows as SQL, where they are rows. */
  readonly sql?: string | undefined
  /** What a link has to say beside the address that is shown. */
  readonly search?: Readonly<Record<string, string>>
}

export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    showDone(common.copied, what)
  } catch (error) {
    showProblem(error)
  }
}

/** A part of a view for other hands: as a command, a query, a link. */
export function CopyAs(copied: Copied) {
  return <CopyMenu label={common.copyPartAs} copied={copied} others={[]} />
}

/** The whole view: what it is about first, and every other call that it is made of at this moment. */
export function CopyView({ copy }: { readonly copy: Copied }) {
  const shown = useShownCalls()
  const others = shown.filter(({ operation }) => operation !== copy.call.operation)
  return <CopyMenu label={common.copyAs} copied={copy} others={others} />
}

/** What has been asked since this stands here: the calls that a drawer is made of. */
export function CopyOpened() {
  const shown = useShownCalls()
  const [before] = useState(() => new Set(shown.map((call) => JSON.stringify(call))))
  const [call, ...others] = shown.filter((one) => !before.has(JSON.stringify(one)))
  if (call === undefined) return null
  return <CopyMenu label={common.copyPartAs} copied={{ call }} others={others} />
}

function CopyMenu({
  label,
  copied: { call, sql, search = {} },
  others,
}: {
  readonly label: string
  readonly copied: Copied
  readonly others: readonly Call[]
}) {
  const tenant = useTenant()
  return (
    <Menu
      trigger={
        <IconButton label={label}>
          <Code size={16} />
        </IconButton>
      }
      items={[
        ...itemsOf(call, tenant, (language) => language),
        ...(sql === undefined
          ? []
          : [{ label: common.sql, onSelect: () => void copyText(sql, common.sql) }]),
        {
          label: common.link,
          icon: <Link2 size={14} />,
          onSelect: () => void copyText(linkWith(search), common.link),
        },
        ...others.flatMap((other) =>
          itemsOf(other, tenant, (language) => common.callAs(other.operation, language)).map(
            (item) => ({ ...item, group: common.otherCalls }),
          ),
        ),
      ]}
    />
  )
}

function linkWith(search: Readonly<Record<string, string>>): string {
  const link = new URL(location.href)
  for (const [name, value] of Object.entries(search)) link.searchParams.set(name, value)
  return link.href
}

function itemsOf(
  { operation, input }: Call,
  tenant: string | null,
  labelOf: (language: string) => string,
): MenuItem[] {
  const copyGraphql = async () => {
    const text = await asGraphql(operation, input).catch(showProblem)
    if (text) await copyText(text, labelOf(common.graphql))
  }
  return [
    {
      label: labelOf(common.curl),
      onSelect: () => void copyText(asCurl(operation, input, tenant), labelOf(common.curl)),
    },
    ...(isInGraph(operation)
      ? [{ label: labelOf(common.graphql), onSelect: () => void copyGraphql() }]
      : []),
  ]
}
