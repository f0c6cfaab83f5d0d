import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import { DuckDBInstance } from '@duckdb/node-api'
import { runBuild } from '#engine/analysis/build.ts'
import type { JobContext } from '#engine/job-context.ts'
import type { BuildJob, BuildResult, Job } from '#engine/protocol.ts'
import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'

/** A folder that is gone after the test. */
export async function buildFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-engine-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export const testLimits: Job['limits'] = { memoryBytes: 300e6, threads: 2, deadlineMs: 30_000 }

/** Runs a job's code in this process, for what needs no process of its own. */
export async function inProcess<T>(run: (context: JobContext) => Promise<T>): Promise<T> {
  const sessions: Session[] = []
  try {
    return await run({
      progress: () => {},
      signal: new AbortController().signal,
      adopt: (session) => {
        sessions.push(session)
        return session
      },
    })
  } finally {
    for (const session of sessions) session.close()
  }
}

/** Rows of a SELECT in a DuckDB without limits, values as JSON has them. */
export async function rowsOf(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** Writes the rows of a SELECT (with `_partition` first) as a dataset's file. */
export async function writeDatasetFile(folder: string, name: string, select: string) {
  const path = join(folder, `${name}.parquet`)
  await rowsOf(`COPY (${select}) TO ${literal(path)} (FORMAT parquet)`)
  return path
}

type BuildParts = Pick<BuildJob, 'text' | 'grain' | 'partitions' | 'inputs'> & Partial<BuildJob>

let folders = 0

export async function buildJob(folder: string, parts: BuildParts): Promise<BuildJob> {
  const base = join(folder, `job-${++folders}`)
  const stagingFolder = join(base, 'staging')
  const tempFolder = join(base, 'temp')
  await mkdir(stagingFolder, { recursive: true })
  await mkdir(tempFolder)
  return {
    kind: 'build',
    dataset: 'result',
    language: 'sql',
    checks: [],
    order: null,
    limits: testLimits,
    stagingFolder,
    tempFolder,
    ...parts,
  }
}

export async function build(folder: string, parts: BuildParts): Promise<BuildResult> {
  const job = await buildJob(folder, parts)
  return inProcess((context) => runBuild(job, context))
}
