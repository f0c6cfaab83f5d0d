import { Code, Link2 } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import { asCurl, asGraphql, isInGraph } from '~/api/as-code.ts'
import type { OperationName } from '~/api/client.ts'
import { common } from '~/texts/common.ts'
import { IconButton } from '~/ui/button.tsx'
import { Menu } from '~/ui/menu.tsx'
import { showDone, showProblem } from '~/ui/toast.tsx'

export interface Copied {
  /** What the view shows, as the operation and its input. */
  readonly call: { readonly operation: OperationName; readonly input: object }
  /** The same rows as SQL, where they are rows. */
  readonly sql?: string | undefined
}

export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    showDone(common.copied, what)
  } catch (error) {
    showProblem(error)
  }
}

/** The view for other hands: as a command, a query, a link. */
export function CopyAs({ call, sql }: Copied) {
  const tenant = useTenant()
  const copyGraphql = async () => {
    const text = await asGraphql(call.operation, call.input).catch(showProblem)
    if (text) await copyText(text, common.graphql)
  }
  return (
    <Menu
      trigger={
        <IconButton label={common.copyAs}>
          <Code size={16} />
        </IconButton>
      }
      items={[
        {
          label: common.curl,
          onSelect: () => void copyText(asCurl(call.operation, call.input, tenant), common.curl),
        },
        ...(isInGraph(call.operation)
          ? [{ label: common.graphql, onSelect: () => void copyGraphql() }]
          : []),
        ...(sql === undefined
          ? []
          : [{ label: common.sql, onSelect: () => void copyText(sql, common.sql) }]),
        {
          label: common.link,
          icon: <Link2 size={14} />,
          onSelect: () => void copyText(location.href, common.link),
        },
      ]}
    />
  )
}
