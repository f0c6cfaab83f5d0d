import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import { buildFolder } from '#engine/jobs-for-tests.ts'
import type { QueryInput, QueryJob, QueryOptions, Readers } from '#engine/readers/query-job.ts'
import { openReaders, type ReadersOptions } from '#engine/readers/readers.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'

export async function buildReaders(
  t: TestContext,
  options: Partial<ReadersOptions> = {},
): Promise<Readers> {
  const folder = join(await buildFolder(t), 'readers')
  await mkdir(folder)
  const readers = openReaders({
    folder,
    slots: 2,
    memoryBytes: 200e6,
    threads: 1,
    clock: systemClock,
    log: silentLogger,
    ...options,
  })
  t.after(() => readers.close())
  return readers
}

export function inputOf(dataset: string, path: string, rest: Partial<QueryInput> = {}): QueryInput {
  const files = [{ path, partitions: null }]
  return { dataset, files, partitions: null, columns: null, seen: null, asColumn: null, ...rest }
}

export function jobOf(
  inputs: readonly QueryInput[],
  sql: string,
  rest: Partial<QueryJob> = {},
): QueryJob {
  return {
    tenantId: 1,
    subject: 'a query',
    inputs,
    sql,
    parameters: {},
    format: 'ndjson',
    cells: 'raw',
    to: { kind: 'inline' },
    rowsMax: null,
    limits: { deadlineMs: 20_000, bytesMax: 50e6 },
    trust: 'company',
    ...rest,
  }
}

/** The answer as text. */
export async function textOf(
  readers: Readers,
  job: QueryJob,
  options?: QueryOptions,
): Promise<string> {
  const { bytes } = await readers.run(job, options)
  return Buffer.from(bytes ?? []).toString('utf8')
}
