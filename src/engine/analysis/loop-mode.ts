import type { PartitionKey } from '#model/partition-key.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { DealtInput } from '#engine/analysis/dealt-inputs.ts'
import { thisPartitionSql } from '#engine/analysis/partition-lines.ts'
import { PartitionError } from '#engine/child/job-error.ts'
import type { BuildJob } from '#engine/protocol.ts'
import { describe, storedColumns } from '#engine/result-columns.ts'
import type { Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

/** Points the datasets' names at the rows of one partition. */
export async function showPartition(
  session: Session,
  job: BuildJob,
  inputs: readonly DealtInput[],
  key: PartitionKey,
): Promise<void> {
  for (const input of inputs) {
    await session.run(`CREATE OR REPLACE VIEW ${identifier(input.dataset)} AS ${input.oneSql(key)}`)
  }
  await session.run(`CREATE OR REPLACE VIEW this_partition AS ${thisPartitionSql(job, key)}`)
}

/**
 * Runs a SELECT for one partition after another and gathers the rows in a table, in order. With one
 * partition nothing is gathered: the SELECT itself is returned.
 */
export async function toLoopSelect(
  session: Session,
  job: BuildJob,
  inputs: readonly DealtInput[],
  signal: AbortSignal,
): Promise<{ readonly select: string; readonly columns: readonly ResultColumn[] }> {
  const [first] = job.partitions
  if (first === undefined) throw new Error('a build job without partitions')
  await showPartition(session, job, inputs, first)
  const described = await describe(session, `SELECT * FROM (${job.text}\n)`)
  const { columns, casts } = storedColumns(job.dataset, described)
  const selectOf = (key: PartitionKey) => {
    const result = `SELECT ${casts} FROM (${job.text}\n)`
    return `SELECT ${literal(key)} AS _partition, * FROM (${result}) AS result${job.order === null ? '' : ` ORDER BY ${job.order}`}`
  }
  if (job.partitions.length === 1) return { select: selectOf(first), columns }
  for (const [index, key] of job.partitions.entries()) {
    signal.throwIfAborted()
    try {
      if (index > 0) await showPartition(session, job, inputs, key)
      const verb = index === 0 ? `CREATE TABLE ${GATHERED} AS` : `INSERT INTO ${GATHERED}`
      await session.run(`${verb} ${selectOf(key)}`)
    } catch (error) {
      throw new PartitionError(key, error)
    }
  }
  return { select: `SELECT * FROM ${GATHERED}`, columns }
}

export const GATHERED = '_millrace_rows'
