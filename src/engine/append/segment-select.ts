import type { SourceDefinition } from '#model/definition.ts'
import { engineType, type Column } from '#model/column.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SubjectColumn, SubjectRules } from '#model/subject.ts'
import type { RowFile } from '#engine/append/row-file.ts'
import { pythonListSql } from '#engine/convert/python-list.ts'
import { liveRowsSql } from '#engine/live-rows.ts'
import { describe } from '#engine/result-columns.ts'
import type { Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'
import { concernedSql } from '#engine/subjects/subject-sql.ts'

/** SELECT of the rows that were good, typed, with what is derived: `_partition`, `_request`, columns. */
export function typedRows(source: SourceDefinition, file: RowFile): string {
  const names = source.columns.map(({ name }) => name)
  const typed = source.columns.map((column) => `${castSql(column)} AS ${identifier(column.name)}`)
  const texts = file.select(names)
  return computed(
    source,
    `SELECT ${['_partition', '_request::INTEGER AS _request', ...typed].join(', ')} FROM (${texts})`,
    ['_request'],
  )
}

/** The rows of a relation with what the source derives from their columns. */
export function computed(
  source: SourceDefinition,
  relation: string,
  also: readonly string[],
): string {
  const declared = source.columns.map(({ name }) => identifier(name))
  const derived = source.derived.map(
    ({ name, type, expression }) => `(${expression}\n)::${engineType(type)} AS ${identifier(name)}`,
  )
  return `SELECT ${['_partition', ...also, ...declared, ...derived].join(', ')} FROM (SELECT ${['_partition', ...also, ...declared].join(', ')} FROM (${relation}))`
}

/** Rows of one partition from its files, under the columns of today: NULL for what they do not have. */
export async function carriedSelect(
  session: Session,
  partition: PartitionKey,
  paths: readonly string[],
  columns: readonly ResultColumn[],
): Promise<string> {
  const files = paths.map((path) => ({ path, partitions: [partition] }))
  const rows = liveRowsSql(files, null, new Set([partition]))
  const present = new Set((await describe(session, rows)).map(({ name }) => name))
  const fields = columns.map(({ name, type }) => {
    const value = present.has(name) ? identifier(name) : 'NULL'
    return `${value}::${type} AS ${identifier(name)}`
  })
  return `SELECT ${['_partition', ...fields].join(', ')} FROM (${rows})`
}

/** Which of the typed rows in a file stay, and how many of each request do not. */
export async function keptSql(
  session: Session,
  path: string,
  columns: readonly SubjectColumn[],
  rules: SubjectRules,
) {
  const erased = (await concernedSql(session, path, columns, rules, 'erased')) ?? 'false'
  const withheld = (await concernedSql(session, path, columns, rules, 'off')) ?? 'false'
  const rows = await session.rows(
    `SELECT _request AS request, count(*) FILTER (WHERE ${erased}) AS erased, count(*) FILTER (WHERE NOT ${erased} AND ${withheld}) AS withheld FROM read_parquet(${literal(path)}) WHERE ${erased} OR ${withheld} GROUP BY 1`,
  )
  const dropped = new Map(
    rows.map((row) => [
      Number(row['request']),
      { erased: Number(row['erased']), withheld: Number(row['withheld']) },
    ]),
  )
  return { condition: `NOT (${erased} OR ${withheld})`, dropped }
}

/** The judge has let through only what these casts read. */
function castSql({ name, type }: Column): string {
  const text = identifier(name)
  if (type === 'text') return text
  return type === 'text[]' ? pythonListSql(text) : `${text}::${engineType(type)}`
}
