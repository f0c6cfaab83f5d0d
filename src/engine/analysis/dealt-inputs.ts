import { MillraceError } from '#kernel/errors.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { lineOf, PARTS, partsSql } from '#engine/analysis/partition-lines.ts'
import { PARTITION_COLUMN, isOneOf, liveRowsOver, unnestSql } from '#engine/live-rows.ts'
import type { BuildJob, DealtPair, JobInput } from '#engine/protocol.ts'
import { describe } from '#engine/result-columns.ts'
import { shardSql } from '#engine/row-hash/shard.ts'
import type { Session } from '#engine/session.ts'
import { identifier, timestampLiteral } from '#engine/sql-text.ts'

/**
 * The inputs of a build as relations. `PARTS` has a line for each partition of the job; each input
 * has a view of its live rows with `_partition`. From them, an input is dealt to one partition
 * (`oneSql`), or, in a subquery that is correlated with `PARTS`, to each (`eachSql`).
 */
export interface DealtInput {
  readonly dataset: string
  readonly columns: readonly ResultColumn[]
  /** Rows of one partition, without `_partition`. */
  oneSql(partition: PartitionKey): string
  /** Rows of the line of `PARTS` that is named `alias` around it. */
  eachSql(alias: string): string
}

/** Makes `PARTS` and the inputs' views. */
export async function dealInputs(session: Session, job: BuildJob): Promise<DealtInput[]> {
  await session.run(`CREATE TABLE ${PARTS} AS ${partsSql(job)}`)
  const dealt: DealtInput[] = []
  for (const [index, input] of job.inputs.entries()) {
    dealt.push(await dealInput(session, job, input, `_millrace_input_${index}`))
  }
  refuseSameShards(job, dealt)
  return dealt
}

async function dealInput(
  session: Session,
  job: BuildJob,
  input: JobInput,
  view: string,
): Promise<DealtInput> {
  const { deal, dataset } = input
  const pairs = (deal.kind !== 'all' && deal.pairs) || null
  const wanted = pairs && new Set(pairs.map((pair) => pair.input))
  refuseOwnOutput(job, input, wanted)
  const live = await liveRowsOver(session, `${view}_live`, input.files, input.columns, wanted)
  const bounds = deal.kind === 'period' ? ` WHERE ${withinSql(job, deal.column)}` : ''
  await session.run(`CREATE VIEW ${view} AS SELECT * FROM (${live})${bounds}`)
  const described = await describe(session, `SELECT * FROM ${view}`)
  const columns = described.filter((column) => column.name !== PARTITION_COLUMN)
  const names = columns.map(({ name }) => identifier(name)).join(', ')
  const rules = [
    ...(pairs ? [pairRule(pairs)] : []),
    ...(deal.kind === 'period' ? [periodRule(job, deal.column)] : []),
    ...hashRules(job, input, columns),
  ]
  const all = `SELECT ${names} FROM ${view}`
  if (rules.length === 0) return { dataset, columns, oneSql: () => all, eachSql: () => all }
  const lines = pairs ? await pairLines(session, job, pairs, view) : PARTS
  // Joined before it is correlated: DuckDB 1.5 makes a cross product of a correlated date_trunc.
  const conditions = rules.flatMap(({ joinSql }) => joinSql ?? [])
  const joined = conditions.length === 0 ? 'CROSS JOIN' : 'JOIN'
  const on = conditions.length === 0 ? '' : ` ON ${conditions.join(' AND ')}`
  await session.run(
    `CREATE VIEW ${view}_dealt AS SELECT live.*, line.part AS _millrace_part FROM ${view} AS live ${joined} ${lines} AS line${on}`,
  )
  return {
    dataset,
    columns,
    oneSql: (key) => `${all} WHERE ${rules.map(({ oneSql }) => oneSql(key)).join(' AND ')}`,
    eachSql: (alias) => `SELECT ${names} FROM ${view}_dealt WHERE _millrace_part = ${alias}.part`,
  }
}

/** Which rows a partition gets: as a condition of its own, and as one between `live` and `line`. */
interface Rule {
  oneSql(partition: PartitionKey): string
  readonly joinSql: string | null
}

function pairRule(pairs: readonly DealtPair[]): Rule {
  const inputsOf = Map.groupBy(pairs, (pair) => pair.partition)
  return {
    oneSql: (partition) => {
      const keys = inputsOf.get(partition)?.map((pair) => pair.input) ?? []
      return keys.length > 0 ? isOneOf(keys) : 'false'
    },
    joinSql: `line.input = live.${PARTITION_COLUMN}`,
  }
}

function periodRule(job: BuildJob, name: string): Rule {
  const column = identifier(name)
  return {
    oneSql: (partition) => {
      const { startsAt, endsAt } = lineOf(job, partition)
      return `${column} >= ${timestampLiteral(startsAt)} AND ${column} < ${timestampLiteral(endsAt)}`
    },
    joinSql:
      job.grain === 'none' ? null : `date_trunc('${job.grain}', live.${column}) = line.starts_at`,
  }
}

/** An input without the column that the job is sharded by is read whole. */
function hashRules(job: BuildJob, input: JobInput, columns: readonly ResultColumn[]): Rule[] {
  const { shards } = job
  if (!shards || input.shards !== 'by-hash') return []
  const column = shardedColumn(shards.by, columns)
  if (!column) return []
  const own = shardSql(input.dataset, column, shards.count, '')
  const joinSql = `${shardSql(input.dataset, column, shards.count, 'live.')} = line.shard`
  return [{ oneSql: (partition) => `${own} = ${lineOf(job, partition).shard}`, joinSql }]
}

function shardedColumn(by: string, columns: readonly ResultColumn[]): ResultColumn | undefined {
  return columns.find(({ name }) => name.toLowerCase() === by.toLowerCase())
}

/** Without any row that is dealt by its hash, every shard would hold the same. */
function refuseSameShards(job: BuildJob, dealt: readonly DealtInput[]): void {
  const { shards, dataset } = job
  if (!shards || job.inputs.length === 0) return
  const differs = job.inputs.some(
    (input, index) =>
      input.shards === 'own' ||
      (input.shards === 'by-hash' && shardedColumn(shards.by, dealt[index]?.columns ?? [])),
  )
  if (differs) return
  const inputs = job.inputs.map((input) => input.dataset).join(', ')
  throw new MillraceError('shard-column-missing', { dataset, column: shards.by, inputs })
}

/** The lines of `PARTS`, once for each of the input's partitions that they read. */
async function pairLines(
  session: Session,
  job: BuildJob,
  pairs: readonly DealtPair[],
  view: string,
): Promise<string> {
  const parts = new Map(job.partitions.map((key, index) => [key, index]))
  const own = pairs.filter((pair) => parts.has(pair.partition))
  const numbers = unnestSql(own.map((pair) => String(parts.get(pair.partition))))
  const inputs = unnestSql(own.map((pair) => pair.input))
  await session.run(
    `CREATE TABLE ${view}_lines AS SELECT line.*, pair.input FROM (SELECT ${numbers}::INTEGER AS part, ${inputs} AS input) AS pair JOIN ${PARTS} AS line USING (part)`,
  )
  return `${view}_lines`
}

/** Narrows the scan to the periods that are asked for, so that row groups outside are not read. */
function withinSql(job: BuildJob, column: string): string {
  const keys = job.partitions.toSorted()
  const [first] = keys
  const last = keys.at(-1)
  if (first === undefined || last === undefined) return 'false'
  const name = identifier(column)
  const from = timestampLiteral(lineOf(job, first).startsAt)
  return `${name} >= ${from} AND ${name} < ${timestampLiteral(lineOf(job, last).endsAt)}`
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
