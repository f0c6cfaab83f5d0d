/** What rows can be asked for, column by column, in the order of a list to choose from. */
export const operators = [
  'eq',
  'ne',
  'lt',
  'le',
  'gt',
  'ge',
  'in',
  'starts',
  'contains',
  'is',
] as const
export type Operator = (typeof operators)[number]

export interface Condition {
  readonly column: string
  readonly op: Operator
  readonly value: string
}

/** As `where` of the API takes them: several of one column stand in a list. */
export function whereOf(conditions: readonly Condition[]): Record<string, string | string[]> {
  const byColumn = Map.groupBy(conditions, ({ column }) => column)
  return Object.fromEntries(
    Array.from(byColumn, ([column, own]) => {
      const said = own.map(({ op, value }) => `${op}.${value}`)
      return [column, said.length === 1 ? (said[0] ?? '') : said]
    }),
  )
}

/** Back from `where`; null: there is something in it that these words cannot say. */
export function conditionsOf(where: unknown): Condition[] | null {
  if (where === undefined || where === null) return []
  if (typeof where !== 'object') return null
  const conditions: Condition[] = []
  for (const [column, said] of Object.entries(where)) {
    for (const text of [said].flat() as unknown[]) {
      const [, name, value] = (typeof text === 'string' && /^([a-z]+)\.(.*)$/s.exec(text)) || []
      const op = operators.find((known) => known === name)
      if (op === undefined || value === undefined) return null
      conditions.push({ column, op, value })
    }
  }
  return conditions
}
