import { MillraceError } from '#kernel/errors.ts'
import type { Check } from '#model/definition.ts'
import type { CheckOutcome } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { figuresOf } from '#engine/analysis/check-figures.ts'
import { PARTITION_COLUMN } from '#engine/live-rows.ts'
import type { Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

interface Checked {
  readonly dataset: string
  readonly partitions: readonly PartitionKey[]
  readonly checks: readonly Check[]
}

type Finding = Pick<CheckOutcome, 'passed' | 'failingRows' | 'message'>

/** Every check of every partition, each check as one grouped statement over what was written. */
export async function runChecks(
  session: Session,
  checked: Checked,
  path: string,
): Promise<Map<PartitionKey, CheckOutcome[]>> {
  const outcomes = new Map<PartitionKey, CheckOutcome[]>(checked.partitions.map((key) => [key, []]))
  for (const check of checked.checks) {
    const findings = await withCheckName(checked.dataset, check, () =>
      runCheck(session, check, `read_parquet(${literal(path)})`),
    )
    for (const [key, list] of outcomes) {
      list.push({ name: check.name, severity: check.severity, ...findings(key) })
    }
  }
  return outcomes
}

async function runCheck(
  session: Session,
  check: Check,
  relation: string,
): Promise<(key: PartitionKey) => Finding> {
  switch (check.kind) {
    case 'not-null': {
      const isMissing = check.columns.map((name) => `${identifier(name)} IS NULL`).join(' OR ')
      const counts = await countBy(session, relation, isMissing)
      return (key) => rowsFinding(counts.get(key), ` without ${check.columns.join(', ')}`)
    }
    case 'each': {
      const broken = `(${check.expression}\n) IS NOT TRUE`
      const counts = await countBy(session, relation, broken)
      const failing = [...counts.values()].some((count) => count.failing > 0)
      const examples = failing ? await examplesOf(session, relation, broken) : new Map()
      return (key) => {
        const example = examples.get(key)
        const such = example === undefined ? '' : `, such as ${example}`
        const what = ` for which ${check.expression.trim()} does not hold${such}`
        return rowsFinding(counts.get(key), what)
      }
    }
    case 'unique': {
      const keys = check.columns.map(identifier).join(', ')
      const rows = await session.rows(
        `SELECT ${PARTITION_COLUMN} AS partition, sum(n)::BIGINT AS failing, count(*) AS keys FROM (SELECT ${PARTITION_COLUMN}, ${keys}, count(*) AS n FROM ${relation} GROUP BY ${PARTITION_COLUMN}, ${keys} HAVING count(*) > 1) GROUP BY ${PARTITION_COLUMN}`,
      )
      const found = new Map(rows.map((row) => [String(row['partition']), row]))
      return (key) => uniqueFinding(check.columns, found.get(key))
    }
    case 'all': {
      const figures = await figuresOf(session, check.expression)
      const select = `(${check.expression}\n) AS passed, ${figures.sql} AS figures FROM ${relation}`
      const rows = await session.rows(
        `SELECT ${PARTITION_COLUMN} AS partition, ${select} GROUP BY ${PARTITION_COLUMN}`,
      )
      // A partition without rows has no group: its aggregates are those of an empty relation.
      const [empty] = await session.rows(`SELECT ${select} WHERE false`)
      const found = new Map(rows.map((row) => [String(row['partition']), row]))
      return (key) => {
        const row = found.get(key) ?? empty
        const passed = row?.['passed'] === true
        return { passed, failingRows: null, message: figures.message(row?.['figures'], passed) }
      }
    }
  }
}

async function countBy(
  session: Session,
  relation: string,
  condition: string,
): Promise<Map<string, { readonly failing: number; readonly rows: number }>> {
  const rows = await session.rows(
    `SELECT ${PARTITION_COLUMN} AS partition, count(*) FILTER (WHERE ${condition}) AS failing, count(*) AS row_count FROM ${relation} GROUP BY ${PARTITION_COLUMN}`,
  )
  return new Map(
    rows.map((row) => [
      String(row['partition']),
      { failing: Number(row['failing']), rows: Number(row['row_count']) },
    ]),
  )
}

const EXAMPLE_COLUMNS = 4

/** One row of each partition that meets the condition, told as `metric = bad_ids, rows = 575`. */
async function examplesOf(
  session: Session,
  relation: string,
  condition: string,
): Promise<Map<string, string>> {
  const rows = await session.rows(
    `SELECT ${PARTITION_COLUMN} AS partition, min(to_json(found)::VARCHAR) AS example FROM ${relation} AS found WHERE ${condition} GROUP BY ${PARTITION_COLUMN}`,
  )
  return new Map(
    rows.map((row) => {
      const { [PARTITION_COLUMN]: _, ...cells } = JSON.parse(String(row['example'])) as Record<
        string,
        unknown
      >
      const told = Object.entries(cells).slice(0, EXAMPLE_COLUMNS)
      const example = told.map(([name, cell]) => `${name} = ${JSON.stringify(cell)}`).join(', ')
      return [String(row['partition']), example]
    }),
  )
}

function rowsFinding(
  found: { readonly failing: number; readonly rows: number } | undefined,
  what: string,
): Finding {
  const { failing, rows } = found ?? { failing: 0, rows: 0 }
  const message = `${failing === 0 ? 'none' : failing} of ${rows} rows${what}`
  return { passed: failing === 0, failingRows: failing, message }
}

function uniqueFinding(
  columns: readonly string[],
  row: Readonly<Record<string, unknown>> | undefined,
): Finding {
  const names = columns.join(', ')
  if (!row) return { passed: true, failingRows: 0, message: `no two rows share ${names}` }
  const failing = Number(row['failing'])
  const message = `${failing} rows share ${names} with another row (${Number(row['keys'])} values)`
  return { passed: false, failingRows: failing, message }
}

async function withCheckName<T>(dataset: string, check: Check, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (/^(INTERNAL|FATAL|INTERRUPT|Out of Memory|IO) Error/i.test(message)) throw error
    const subject = `check "${check.name}" of ${dataset}`
    throw new MillraceError('analysis-failed', { subject, dataset, message }, { cause: error })
  }
}
