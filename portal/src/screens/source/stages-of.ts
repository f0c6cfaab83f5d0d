import { reasonParts } from '~/intake/reason-words.ts'

interface Arrived {
  readonly received: number
  readonly withheld: number
  readonly erased: number
  readonly rows: number
  readonly state: 'published' | 'held'
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
}

export const stageNames = ['received', 'parsed', 'typed', 'checked', 'stored'] as const
export type StageName = (typeof stageNames)[number]

export interface Stage {
  readonly name: StageName
  /** Rows that came through it. */
  readonly rows: number
  /** Rows that were lost on the way from the stage before. */
  readonly lost: number
}

/** How many rows came through each stage of a reading; what each takes away has its reason. */
export function stagesOf(arrival: Arrived): readonly Stage[] {
  const lost = { parsed: 0, typed: 0, checked: arrival.withheld + arrival.erased }
  for (const { reason, rows } of arrival.reasons) {
    const { column } = reasonParts(reason)
    lost[column !== null ? 'typed' : reason === 'dropped' ? 'checked' : 'parsed'] += rows
  }
  const parsed = arrival.received - lost.parsed
  const typed = parsed - lost.typed
  const checked = typed - lost.checked
  const stored = arrival.state === 'held' ? 0 : arrival.rows
  const rows = { received: arrival.received, parsed, typed, checked, stored }
  return stageNames.map((name, at) => {
    const before = stageNames[at - 1]
    return { name, rows: rows[name], lost: before ? Math.max(rows[before] - rows[name], 0) : 0 }
  })
}
