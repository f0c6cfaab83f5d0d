import type { World } from './world.ts'

/** All rows that the other tenant has in the catalog by table, whatever changes by itself left out. */
export async function stateOf({
  server,
  theirs,
}: World): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  return server.open.catalog.asTenant(theirs, async (session) => {
    const tables = await session.query<{ name: string; columns: string[] }>(
      `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind = 'r'
         AND has_table_privilege('millrace_app', c.oid, 'SELECT')
         AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
       GROUP BY c.relname ORDER BY c.relname`,
    )
    const selects = tables
      .filter(({ name }) => !restless.has(name))
      .map(({ name, columns }) => {
        const stable = columns.filter(
          (column) => !/last_used|last_seen|looked_at|due_at/.test(column),
        )
        const row = stable.map((column) => `"${column}"`).join(', ')
        return `SELECT '${name}' AS name, row(${row})::text AS text FROM ${name}`
      })
    const rows = await session.query<{ name: string; text: string }>(selects.join(' UNION ALL '))
    const byTable = Map.groupBy(rows, ({ name }) => name)
    return new Map(
      Array.from(byTable, ([name, own]) => [name, new Set(own.map(({ text }) => text))]),
    )
  })
}

/** Rows that came and went, each with its table. */
export function differences(
  before: ReadonlyMap<string, ReadonlySet<string>>,
  after: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const less = (one: typeof before, other: typeof before, sign: string) =>
    Array.from(one, ([name, rows]) =>
      Array.from(rows)
        .filter((row) => !other.get(name)?.has(row))
        .map((row) => `${sign} ${name} ${row.slice(0, 300)}`),
    ).flat()
  return [...less(before, after, '-'), ...less(after, before, '+')]
}

/** Written by whatever works in the background, and by the looks of the matrix itself. */
const restless = new Set([
  'audit',
  'audit_head',
  'tenant_turn',
  'task_pace',
  'queue_notice',
  'queue_lane',
])
