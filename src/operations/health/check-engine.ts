import { createRequire } from 'node:module'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { ok, type Check } from '#operations/health/finding.ts'

const DEADLINE_MS = 20_000

/** A child process starts, opens its engine and binds a query. */
export const checkEngine: Check = async ({ engine, clock, ids, scratchFolder }, signal) => {
  const tempFolder = join(scratchFolder, ids.next('health'))
  await mkdir(tempFolder, { recursive: true, mode: 0o700 })
  const startedMs = clock.monotonicMs()
  try {
    await engine.run(
      {
        kind: 'inspect',
        dataset: 'health',
        text: 'SELECT 1 AS one',
        inputs: [],
        limits: { memoryBytes: 128 * 2 ** 20, threads: 1, deadlineMs: DEADLINE_MS },
        tempFolder,
      },
      { signal },
    )
  } finally {
    await rm(tempFolder, { recursive: true, force: true })
  }
  return ok(`a child process answers in ${Math.round(clock.monotonicMs() - startedMs)} ms`)
}

export const checkVersions: Check = async ({ catalog }) => {
  const { version } = await catalog.stats()
  const postgres = /^PostgreSQL ([\d.]+)/.exec(version)?.[1] ?? version
  return ok(`Node ${process.versions.node}, DuckDB ${duckdbVersion()}, PostgreSQL ${postgres}`)
}

function duckdbVersion(): string {
  const require = createRequire(import.meta.url)
  const { version } = require('@duckdb/node-api/package.json') as { version: string }
  return version.replace(/-r\.\d+$/, '')
}
