import type { SeenAccess } from '~/doors/seen-data.ts'

/** A limited access while it is edited: nothing of it has been sent. */

export const ops = ['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in'] as const
export type Op = (typeof ops)[number]

export interface DraftRow {
  readonly column: string
  readonly op: Op
  /** As typed: for `in` with commas between. */
  readonly value: string
}

export interface AccessDraft {
  readonly isAll: boolean
  readonly chosen: ReadonlySet<string>
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly rows: Readonly<Record<string, readonly DraftRow[]>>
}

export const everything: AccessDraft = { isAll: true, chosen: new Set(), columns: {}, rows: {} }

export function draftOf({ endpoints, columns, rows }: SeenAccess): AccessDraft {
  return {
    isAll: endpoints === null,
    chosen: new Set(endpoints ?? [...Object.keys(columns), ...Object.keys(rows)]),
    columns,
    rows: mapValues(rows, (all) =>
      all.map(({ column, op, value }) => ({
        column,
        op: ops.find((one) => one === op) ?? 'eq',
        value: typeof value === 'string' ? value : value.join(', '),
      })),
    ),
  }
}

interface AccessFields {
  readonly endpoints?: readonly string[]
  readonly columns: Readonly<Record<string, readonly string[]>>
  readonly rows: Readonly<
    Record<
      string,
      readonly {
        readonly column: string
        readonly op: Op
        readonly value: string | readonly string[]
      }[]
    >
  >
}

/** As `keys.create` and `roles.set` take it; limits to what is not chosen are left out. */
export function fieldsOf({ isAll, chosen, columns, rows }: AccessDraft): AccessFields {
  const isSeen = (name: string) => isAll || chosen.has(name)
  const kept = <T>(values: Readonly<Record<string, readonly T[]>>) =>
    Object.entries(values).filter(([name, all]) => isSeen(name) && all.length > 0)
  const conditions = kept(rows).map(([name, all]) => [name, all.filter(isWhole).map(toCondition)])
  return {
    ...(!isAll && { endpoints: [...chosen].toSorted() }),
    columns: Object.fromEntries(kept(columns)),
    rows: Object.fromEntries(
      conditions.filter(([, all]) => (all ?? []).length > 0),
    ) as AccessFields['rows'],
  }
}

const isWhole = ({ column, value }: DraftRow) => column !== '' && value.trim() !== ''

function toCondition({ column, op, value }: DraftRow) {
  if (op !== 'in') return { column, op, value }
  const values = value.split(',').map((one) => one.trim())
  return { column, op, value: values.filter((one) => one !== '') }
}

/** What the draft would let be seen, for counting and for the sample. */
export function accessOfDraft(draft: AccessDraft): SeenAccess {
  const { endpoints = null, columns, rows } = fieldsOf(draft)
  return { endpoints, columns, rows }
}

function mapValues<A, B>(
  values: Readonly<Record<string, A>>,
  map: (value: A) => B,
): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]))
}
