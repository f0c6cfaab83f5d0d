import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { JobContext } from '#engine/job-context.ts'
import type { ResultColumn, StagedFile } from '#model/outcome.ts'
import { dealInputs } from '#engine/analysis/dealt-inputs.ts'
import { toLoopSelect } from '#engine/analysis/loop-mode.ts'
import { outcomesOf } from '#engine/analysis/outcomes.ts'
import { toSetStatement } from '#engine/analysis/set-mode.ts'
import { runModule } from '#engine/analysis/typescript-mode.ts'
import { isInternalError } from '#engine/child/job-error.ts'
import type { BuildJob, BuildResult } from '#engine/protocol.ts'
import { refuseSeveralStatements } from '#engine/result-columns.ts'
import { openSession } from '#engine/session.ts'
import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'
import { finishFile } from '#engine/staging.ts'

/**
 * Rows of a batch of partitions of one analysis, into one file, with what is told of each:
 * rows, data version, checks. A run-time error in the loop names its partition.
 */
export async function runBuild(job: BuildJob, context: JobContext): Promise<BuildResult> {
  const session = context.adopt(await openBuildSession(job))
  const inputs = await dealInputs(session, job)
  context.progress({ step: 'query' })
  const logs: string[] = []
  if (job.language === 'typescript') {
    const { select, columns } = await runModule(session, job, inputs, logs, context.signal)
    const rows = await writeRows(session, job, select)
    return { ...(await tell(session, job, context, rows, columns)), mode: 'loop', logs }
  }
  await refuseSeveralStatements(session, job.dataset, job.text)
  const set = job.partitions.length > 1 ? await toSetStatement(session, job, inputs) : null
  const rows = set && (await tryWrite(session, job, set.select, context.signal))
  if (set && rows !== null) {
    return { ...(await tell(session, job, context, rows, set.columns)), mode: 'set', logs }
  }
  const { select, columns } = await toLoopSelect(session, job, inputs, context.signal)
  const written = await writeRows(session, job, select)
  return { ...(await tell(session, job, context, written, columns)), mode: 'loop', logs }
}

/** Null where the set statement fails: the loop then finds the partition whose rows are at fault. */
async function tryWrite(
  session: Session,
  job: BuildJob,
  select: string,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    return await writeRows(session, job, select)
  } catch (error) {
    if (signal.aborted || isInternalError(error)) throw error
    return null
  }
}

/** Single-threaded by contract: sums of floating-point numbers must come out equal each time. */
async function openBuildSession(job: BuildJob): Promise<Session> {
  const files = job.inputs.flatMap((input) => input.files.map(({ path }) => path))
  return openSession({ ...job.limits, threads: 1 }, job.tempFolder, {
    files,
    folders: [job.stagingFolder, job.tempFolder],
  })
}

function partPathOf(job: BuildJob): string {
  return join(job.stagingFolder, 'data.parquet.part')
}

function writeRows(session: Session, job: BuildJob, select: string): Promise<number> {
  return session.copy(
    `COPY (${select}) TO ${literal(partPathOf(job))} (FORMAT parquet, COMPRESSION lz4_raw)`,
  )
}

/** Reads back what was written, and makes it durable. */
async function tell(
  session: Session,
  job: BuildJob,
  context: JobContext,
  rows: number,
  columns: readonly ResultColumn[],
): Promise<Pick<BuildResult, 'kind' | 'file' | 'columns' | 'outcomes'>> {
  context.progress({ step: 'check', rows })
  const outcomes = await outcomesOf(session, job, partPathOf(job), columns)
  context.progress({ step: 'write', rows })
  return { kind: 'build', file: await keepIfAny(job, rows), columns, outcomes }
}

async function keepIfAny(job: BuildJob, rows: number): Promise<StagedFile | null> {
  const partPath = partPathOf(job)
  if (rows > 0) return finishFile(partPath, join(job.stagingFolder, 'data.parquet'), rows)
  await rm(partPath)
  return null
}
