import { writeFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'

import { MillraceError } from '#kernel/errors.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { AnalysisContext, AnalysisModule, AnalysisResult } from '#engine/analysis-context.ts'
import type { DealtInput } from '#engine/analysis/dealt-inputs.ts'
import { GATHERED, showPartition } from '#engine/analysis/loop-mode.ts'
import { rowsSql, toAnalysisRow } from '#engine/analysis/own-rows.ts'
import { lineOf } from '#engine/analysis/partition-lines.ts'
import { PartitionError } from '#engine/child/job-error.ts'
import type { BuildJob } from '#engine/protocol.ts'
import { describe, refuseSeveralStatements, storedColumns } from '#engine/result-columns.ts'
import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'

/** Runs the module's `run` for each partition and gathers the rows in a table. */
export async function runModule(
  session: Session,
  job: BuildJob,
  inputs: readonly DealtInput[],
  logs: string[],
  signal: AbortSignal,
): Promise<{ readonly select: string; readonly columns: readonly ResultColumn[] }> {
  const module = await loadModule(job)
  let stored: readonly ResultColumn[] | null = null
  for (const key of job.partitions) {
    signal.throwIfAborted()
    try {
      await showPartition(session, job, inputs, key)
      const result = await module.run(contextOf(session, job, key, logs))
      const select = await toSelect(session, job, result)
      const { columns, casts } = storedColumns(
        job.dataset,
        await describe(session, `SELECT * FROM (${select}\n)`),
      )
      stored ??= await createTable(session, columns)
      const order = job.order === null ? '' : ` ORDER BY ${job.order}`
      await session.run(
        `INSERT INTO ${GATHERED} BY NAME SELECT ${literal(key)} AS _partition, ${casts} FROM (${select}\n) AS result${order}`,
      )
    } catch (error) {
      throw new PartitionError(key, error)
    }
  }
  return { select: `SELECT * FROM ${GATHERED}`, columns: stored ?? [] }
}

async function createTable(
  session: Session,
  columns: readonly ResultColumn[],
): Promise<readonly ResultColumn[]> {
  const list = columns.map(({ name, type }) => `"${name.replaceAll('"', '""')}" ${type}`)
  await session.run(`CREATE TABLE ${GATHERED} (_partition VARCHAR, ${list.join(', ')})`)
  return columns
}

function contextOf(
  session: Session,
  job: BuildJob,
  partition: PartitionKey,
  logs: string[],
): AnalysisContext {
  const { startsAt, endsAt, value, shard } = lineOf(job, partition)
  return {
    partition,
    startsAt,
    endsAt,
    value,
    shard,
    query: async (sql) => {
      await refuseSeveralStatements(session, job.dataset, sql)
      return (await session.rows(`SELECT * FROM (${sql}\n)`)).map(toAnalysisRow)
    },
    log: (line) => {
      if (logs.length < LOGS_MAX) logs.push(`${partition}: ${line}`)
    },
  }
}

const LOGS_MAX = 1000

async function toSelect(session: Session, job: BuildJob, result: AnalysisResult): Promise<string> {
  if (typeof result === 'string') {
    await refuseSeveralStatements(session, job.dataset, result)
    return result
  }
  return rowsSql(job.tempFolder, result.columns, result.rows)
}

async function loadModule(job: BuildJob): Promise<AnalysisModule> {
  resolvePackImports()
  endWithParent()
  const path = join(job.tempFolder, `analysis-${job.dataset}.mjs`)
  await writeFile(path, job.text)
  const loaded = (await import(pathToFileURL(path).href)) as { default?: Partial<AnalysisModule> }
  if (typeof loaded.default?.run !== 'function') {
    throw new MillraceError('analysis-failed', {
      subject: job.dataset,
      dataset: job.dataset,
      message: 'its module has no default export with a function "run"',
    })
  }
  return loaded.default as AnalysisModule
}

let resolving = false

/** Bundles import the engine's own package by name, wherever they lie. */
function resolvePackImports(): void {
  if (resolving) return
  resolving = true
  const here = import.meta.url
  const index = new URL(`../../index${here.slice(here.lastIndexOf('.'))}`, here).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'millrace' ? { url: index, shortCircuit: true } : next(specifier, context),
  })
}

let watching = false

/** A module that never returns keeps this thread from seeing that the parent is gone; another one looks. */
function endWithParent(): void {
  if (watching || process.send === undefined) return
  watching = true
  const watch = `const parent = process.ppid; setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 500)`
  new Worker(watch, { eval: true }).unref()
}
