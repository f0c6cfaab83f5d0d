import type { SourceDefinition } from '#model/definition.ts'
import type { ObservedValue, ResultColumn } from '#model/outcome.ts'
import { keyOf } from '#model/partition-key.ts'
import { sumsBy } from '#engine/analysis/outcomes.ts'
import { dataVersionOf } from '#engine/row-hash/row-hash.ts'
import type { Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

/** Rows and data version of every period that the rows of a written file fall into, in key order. */
export async function observedValues(
  session: Session,
  source: SourceDefinition,
  columns: readonly ResultColumn[],
  path: string,
): Promise<ObservedValue[]> {
  const { observes } = source
  if (!observes || observes.grain === 'none') return []
  const column = identifier(observes.column)
  const relation = `(SELECT * FROM read_parquet(${literal(path)}) WHERE ${column} IS NOT NULL)`
  const period = `date_trunc('${observes.grain}', ${column})::TIMESTAMP`
  const sums = await sumsBy(session, source.name, columns, relation, period)
  return Array.from(sums, ([start, own]) => ({
    value: keyOf(new Date(`${start.replace(' ', 'T')}Z`), observes.grain),
    dataVersion: dataVersionOf(columns, own),
    rows: own.rows,
  }))
}
