import { MillraceError } from '#kernel/errors.ts'
import { endOf, startOf } from '#model/partition-key.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { PARTITION_COLUMN, isOneOf, liveRowsSql } from '#engine/live-rows.ts'
import type { BuildJob, JobInput } from '#engine/protocol.ts'
import { describe } from '#engine/result-columns.ts'
import type { Session } from '#engine/session.ts'
import { identifier, literal, microsOf, timestampLiteral } from '#engine/sql-text.ts'

/**
 * The inputs of a build as relations. `PARTS` has a line for each partition of the job; each input
 * has a view of its live rows with `_partition`. From them, an input is dealt to one partition
 * (`oneSql`), or, in a subquery that is correlated with `PARTS`, to each (`eachSql`).
 */
export interface DealtInput {
  readonly dataset: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Rows of one partition, without `_partition`. */
  oneSql(partition: PartitionKey): string
  /** Rows of the line of `PARTS` that is named `alias` around it. */
  eachSql(alias: string): string
}

export const PARTS = '_millrace_parts'

/** Makes `PARTS` and the inputs' views. */
export async function dealInputs(session: Session, job: BuildJob): Promise<DealtInput[]> {
  await session.run(`CREATE TABLE ${PARTS} AS ${partsSql(job)}`)
  const dealt: DealtInput[] = []
  for (const [index, input] of job.inputs.entries()) {
    dealt.push(await dealInput(session, job, input, `_millrace_input_${index}`))
  }
  return dealt
}

/** Lists, not VALUES: 256 lines of those take three times as long to bind. */
function partsSql(job: BuildJob): string {
  const listOf = (toSql: (key: PartitionKey) => string) =>
    `unnest([${job.partitions.map(toSql).join(', ')}])`
  const starts = listOf((key) => microsOf(startOf(key)))
  const ends = listOf((key) => microsOf(endOf(key, job.grain)))
  return `SELECT unnest(range(${job.partitions.length}))::INTEGER AS part, ${listOf(literal)} AS key, make_timestamp(${starts}) AS starts_at, make_timestamp(${ends}) AS ends_at`
}

/** The one-row relation `this_partition` of a partition. */
export function thisPartitionSql(job: BuildJob, key: PartitionKey): string {
  return `SELECT ${literal(key)} AS key, ${startSql(key)} AS starts_at, ${endSql(job, key)} AS ends_at`
}

export function thisPartitionOf(alias: string): string {
  return `SELECT ${alias}.key AS key, ${alias}.starts_at AS starts_at, ${alias}.ends_at AS ends_at`
}

async function dealInput(
  session: Session,
  job: BuildJob,
  input: JobInput,
  view: string,
): Promise<DealtInput> {
  const { deal } = input
  const wanted = deal.kind === 'pairs' ? new Set(deal.pairs.map((pair) => pair.input)) : null
  refuseOwnOutput(job, input, wanted)
  const live = liveRowsSql(input.files, input.columns, wanted)
  const bounds = deal.kind === 'period' ? ` WHERE ${withinSql(job, deal.column)}` : ''
  await session.run(`CREATE VIEW ${view} AS SELECT * FROM (${live})${bounds}`)
  const described = await describe(session, `SELECT * FROM ${view}`)
  const columns = described.filter((column) => column.name !== PARTITION_COLUMN)
  const names = columns.map(({ name }) => identifier(name)).join(', ')
  const base = { dataset: input.dataset, columns }
  switch (deal.kind) {
    case 'all': {
      const all = `SELECT ${names} FROM ${view}`
      return { ...base, oneSql: () => all, eachSql: () => all }
    }
    case 'period': {
      const column = identifier(deal.column)
      // Joined before it is correlated: DuckDB 1.5 makes a cross product of a correlated date_trunc.
      const joined =
        job.grain === 'none'
          ? `CROSS JOIN ${PARTS} AS part`
          : `JOIN ${PARTS} AS part ON date_trunc('${job.grain}', live.${column}) = part.starts_at`
      await session.run(
        `CREATE VIEW ${view}_dealt AS SELECT live.*, part.part AS _millrace_part FROM ${view} AS live ${joined}`,
      )
      return {
        ...base,
        oneSql: (key) =>
          `SELECT ${names} FROM ${view} WHERE ${column} >= ${startSql(key)} AND ${column} < ${endSql(job, key)}`,
        eachSql: (alias) =>
          `SELECT ${names} FROM ${view}_dealt WHERE _millrace_part = ${alias}.part`,
      }
    }
    case 'pairs': {
      await dealPairs(session, job, deal, view)
      const inputsOf = Map.groupBy(deal.pairs, (pair) => pair.partition)
      return {
        ...base,
        oneSql: (key) => {
          const keys = inputsOf.get(key)?.map((pair) => pair.input) ?? []
          return `SELECT ${names} FROM ${view} WHERE ${keys.length > 0 ? isOneOf(keys) : 'false'}`
        },
        eachSql: (alias) =>
          `SELECT ${names} FROM ${view}_dealt WHERE _millrace_part = ${alias}.part`,
      }
    }
  }
}

/** A view of the live rows with the number of the partition that each is dealt to. */
async function dealPairs(
  session: Session,
  job: BuildJob,
  deal: Extract<JobInput['deal'], { kind: 'pairs' }>,
  view: string,
): Promise<void> {
  const parts = new Map(job.partitions.map((key, index) => [key, index]))
  const lines = deal.pairs.flatMap((pair) => {
    const part = parts.get(pair.partition)
    return part === undefined ? [] : [`(${part}, ${literal(pair.input)})`]
  })
  await session.run(`CREATE TABLE ${view}_pairs (part INTEGER, input VARCHAR)`)
  if (lines.length > 0) await session.run(`INSERT INTO ${view}_pairs VALUES ${lines.join(', ')}`)
  await session.run(
    `CREATE VIEW ${view}_dealt AS SELECT live.*, pair.part AS _millrace_part FROM ${view} AS live JOIN ${view}_pairs AS pair ON pair.input = live.${PARTITION_COLUMN}`,
  )
}

/** Narrows the scan to the periods that are asked for, so that row groups outside are not read. */
function withinSql(job: BuildJob, column: string): string {
  const keys = job.partitions.toSorted()
  const [first] = keys
  const last = keys.at(-1)
  if (first === undefined || last === undefined) return 'false'
  const name = identifier(column)
  return `${name} >= ${startSql(first)} AND ${name} < ${endSql(job, last)}`
}

function startSql(key: PartitionKey): string {
  return timestampLiteral(startOf(key))
}

function endSql(job: BuildJob, key: PartitionKey): string {
  return timestampLiteral(endOf(key, job.grain))
}

/** A partition cannot read one that is written by the same job: the planner puts them in a row. */
function refuseOwnOutput(job: BuildJob, input: JobInput, wanted: Set<PartitionKey> | null): void {
  if (input.dataset !== job.dataset) return
  const own = job.partitions.find((key) => wanted?.has(key) ?? true)
  if (own === undefined) return
  throw new MillraceError('internal', {
    message: `partition ${own} of ${job.dataset} was batched with a partition that reads it`,
  })
}
