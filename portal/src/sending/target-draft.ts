/** Where rows go, as a form has it. */
export interface TargetDraft {
  /** Name of a saved target; empty: a file that is kept here. */
  readonly target: string
  /** Of the target; empty: it is a file. */
  readonly kind: string
  readonly table: string
  readonly mode: 'swap' | 'upsert'
  readonly key: readonly string[]
  readonly removeOthers: boolean
  readonly location: string
}

export const fileDraft: TargetDraft = {
  target: '',
  kind: '',
  table: '',
  mode: 'swap',
  key: [],
  removeOthers: false,
  location: '',
}

interface Place {
  readonly target: string
  readonly targetName: string | null
  readonly targetOptions: Readonly<Record<string, unknown>>
}

/** Where a delivery or a report goes. */
export function targetDraftOf({ target, targetName, targetOptions }: Place): TargetDraft {
  if (targetName === null) return fileDraft
  const { table, mode, key, removeOthers, location } = targetOptions
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return {
    target: targetName,
    kind: target,
    table: text(table),
    mode: mode === 'upsert' ? 'upsert' : 'swap',
    key: Array.isArray(key) ? key.map(String) : [],
    removeOthers: removeOthers === true,
    location: text(location),
  }
}

/** The form that rows get there, whatever was chosen; null: the one that was chosen. */
export const formatOfTarget = ({ kind }: TargetDraft): 'ndjson' | 'json' | null =>
  kind === 'postgres' ? 'ndjson' : kind === 'webhook' ? 'json' : null

export const isKeyMissing = ({ kind, mode, key }: TargetDraft): boolean =>
  kind === 'postgres' && mode === 'upsert' && key.length === 0

/** What is sent to the server. */
export function targetInput(draft: TargetDraft): {
  readonly target?: string
  readonly targetOptions?: Record<string, unknown>
} {
  const { target, kind, table, mode, key, removeOthers, location } = draft
  if (target === '') return {}
  const named = (name: string, value: string) =>
    value.trim() === '' ? {} : { [name]: value.trim() }
  switch (kind) {
    case 'postgres': {
      const ofKey = mode === 'upsert' ? { key: [...key], removeOthers } : {}
      return { target, targetOptions: { ...named('table', table), mode, ...ofKey } }
    }
    case 's3':
      return { target, targetOptions: named('location', location) }
    default:
      return { target }
  }
}
