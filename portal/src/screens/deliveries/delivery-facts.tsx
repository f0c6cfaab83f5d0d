import type { ReactNode } from 'react'

import { useAccess } from '~/api/access.ts'
import { deliveriesTexts as texts } from '~/texts/deliveries.ts'

/** Names and values, one below the other. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return (
    <dl className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-1.5 text-sm">{children}</dl>
  )
}

export function Fact({
  name,
  mono = false,
  children,
}: {
  readonly name: string
  readonly mono?: boolean
  readonly children: ReactNode
}) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd
        className={mono ? 'font-mono text-xs [overflow-wrap:anywhere]' : '[overflow-wrap:anywhere]'}
      >
        {children}
      </dd>
    </>
  )
}

/** Whoever asked: the viewer is told so. */
export function Asker({ name }: { readonly name: string }) {
  const own = useAccess()?.caller
  return own === name ? texts.you : name
}

const names = [
  'dataset',
  'partition',
  'endpoint',
  'version',
  'parameters',
  'where',
  'select',
  'sort',
  'sql',
] as const

/** What was asked, in the words in which it is asked. */
export function Asked({ asked }: { readonly asked: Readonly<Record<string, unknown>> }) {
  const given = names.filter((name) => {
    const value = asked[name]
    if (value === undefined || value === null) return false
    return typeof value !== 'object' || Object.keys(value).length > 0
  })
  return (
    <Facts>
      {given.map((name) => (
        <Fact key={name} name={texts[name]} mono={name === 'sql' || name === 'where'}>
          {textOf(asked[name])}
        </Fact>
      ))}
    </Facts>
  )
}

function textOf(value: unknown): ReactNode {
  if (Array.isArray(value)) return value.map(String).join(', ')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).map(([name, one]) => (
      <div key={name}>
        {name} = {[one].flat().map(plain).join(', ')}
      </div>
    ))
  }
  return plain(value)
}

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value)
