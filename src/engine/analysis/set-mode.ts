import type { ResultColumn } from '#model/outcome.ts'
import type { DealtInput } from '#engine/analysis/dealt-inputs.ts'
import { PARTS, thisPartitionOf } from '#engine/analysis/partition-lines.ts'
import { findReferences } from '#engine/analysis/references.ts'
import type { BuildJob } from '#engine/protocol.ts'
import { describe, storedColumns } from '#engine/result-columns.ts'
import type { Session } from '#engine/session.ts'
import { identifier } from '#engine/sql-text.ts'

const ALIAS = '_millrace_part'

export interface SetStatement {
  /** SELECT with `_partition` first, ordered. */
  readonly select: string
  readonly columns: readonly ResultColumn[]
}

/**
 * The author's SELECT for all partitions in one statement, or null where only one statement for
 * each is sure to mean the same: each dataset it names becomes a subquery that is correlated with
 * the line of its partition (`FROM parts, LATERAL (…)`), and DuckDB decorrelates the whole. That
 * costs about what the same GROUP BY with the partition's key costs.
 */
export async function toSetStatement(
  session: Session,
  job: BuildJob,
  inputs: readonly DealtInput[],
): Promise<SetStatement | null> {
  if (inputs.some((input) => input.columns.some(({ type }) => isInexact(type)))) return null
  const relations = new Map(
    inputs.map((input) => [input.dataset.toLowerCase(), input.eachSql(ALIAS)]),
  )
  relations.set('this_partition', thisPartitionOf(job, ALIAS))
  const references = await findReferences(session, job.text, new Set(relations.keys()))
  if (!references) return null
  const text = Buffer.from(job.text)
  let correlated = ''
  let from = 0
  for (const reference of references) {
    correlated += text.subarray(from, reference.start).toString()
    correlated += `(${relations.get(reference.name)})`
    if (!reference.aliased) correlated += ` AS ${identifier(reference.name)}`
    from = reference.end
  }
  correlated += text.subarray(from).toString()
  const lateral = (casts: string) =>
    `SELECT ${ALIAS}.part AS _millrace_order, ${ALIAS}.key AS _partition, result.* FROM ${PARTS} AS ${ALIAS}, LATERAL (SELECT ${casts} FROM (${correlated}\n)) AS result`
  const plain = await describeOrNull(session, lateral('*'))
  if (!plain) return null
  const { columns, casts } = storedColumns(job.dataset, plain.slice(2))
  if (columns.some(({ type }) => isInexact(type))) return null
  const order = ['_millrace_order', ...(job.order === null ? [] : [job.order])].join(', ')
  return {
    select: `SELECT * EXCLUDE (_millrace_order) FROM (${lateral(casts)}) ORDER BY ${order}`,
    columns,
  }
}

/** Types whose sums depend on the order of rows, which the two modes need not share. */
function isInexact(type: string): boolean {
  return /\b(DOUBLE|FLOAT)\b/.test(type)
}

/** What does not bind here may still bind alone; the loop gives the author's own message. */
async function describeOrNull(session: Session, select: string): Promise<ResultColumn[] | null> {
  try {
    return await describe(session, select)
  } catch {
    return null
  }
}
