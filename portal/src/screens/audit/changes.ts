import { operations } from '#sdk/operations.gen.ts'

export interface AuditRow {
  readonly seq: number
  readonly actor: string
  readonly action: string
  /** JSON as text. */
  readonly detail: string
}

export interface Change {
  readonly field: string
  readonly after: unknown
  /** Undefined: the rows that are known do not tell it. */
  readonly before: unknown
}

type Detail = Readonly<Record<string, unknown>>

export function detailOf({ detail }: AuditRow): Detail {
  try {
    const value: unknown = JSON.parse(detail)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Detail)
      : {}
  } catch {
    return {}
  }
}

/** Somebody looked, and changed nothing. */
export function isLook(action: string): boolean {
  return infoOf(action)?.method === 'GET'
}

/** Fields that name the thing: those of the operation's address. */
function namesOf(action: string): string[] {
  const path = infoOf(action)?.path ?? ''
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}

function infoOf(action: string) {
  const [resource = '', verb = ''] = action.split('.')
  const camel = (name: string) =>
    name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return operations[camel(resource)]?.[camel(verb)]
}

/** Fields by which people know a thing. */
const telling = ['title', 'name', 'email']

/** What the row is about, in one line: the thing's id or name, else the first value. */
export function subjectOf(row: AuditRow): string {
  const detail = detailOf(row)
  const names = namesOf(row.action)
  const named = names.map((name) => detail[name]).filter((value) => typeof value === 'string')
  if (named.length > 0) return named.join(' · ')
  const called = telling.map((name) => detail[name]).find((value) => typeof value === 'string')
  if (typeof called === 'string') return called
  const first = Object.entries(detail).find(([field]) => field !== '$fields')
  if (first === undefined) return ''
  return typeof first[1] === 'string' ? first[1] : JSON.stringify(first[1])
}

/** Fields whose values are not kept: secrets, and what is too long. */
export function hiddenFields(row: AuditRow): string[] {
  const hidden = detailOf(row)['$fields']
  return Array.isArray(hidden) ? hidden.map(String) : []
}

/**
 * What the row set, each beside what the last row before it says about the same thing. `older`: rows
 * before it, the newest first.
 */
export function changesOf(row: AuditRow, older: readonly AuditRow[]): Change[] {
  const detail = detailOf(row)
  const names = namesOf(row.action)
  const [resource = ''] = row.action.split('.')
  const thing = names.map((name) => detail[name]).filter((value) => value !== undefined)
  const same = older
    .filter(({ action }) => action.startsWith(`${resource}.`))
    .map(detailOf)
    .filter((former) => thing.every((value) => Object.values(former).includes(value)))
  return Object.entries(detail)
    .filter(([field]) => field !== '$fields' && !names.includes(field))
    .map(([field, after]) => ({
      field,
      after,
      before: thing.length === 0 ? undefined : same.find((former) => field in former)?.[field],
    }))
}

export interface Actor {
  readonly kind: 'key' | 'user' | 'operator' | 'system'
  /** Who: an address, else an id. */
  readonly name: string
}

/** `user usr_… anna@example.com`, `key mk_…`, `operator`, `local`. */
export function actorOf(text: string): Actor {
  const [first = '', id = '', address] = text.split(' ')
  if (first === 'key') return { kind: 'key', name: id }
  if (first === 'user') return { kind: 'user', name: address ?? id }
  if (first === 'operator' || first === 'local') return { kind: 'operator', name: address ?? id }
  return { kind: 'system', name: text }
}

/** How many rows there are of each, the most first. */
export function countsOf(names: readonly string[], most: number): (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, most)
}
