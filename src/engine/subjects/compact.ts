import { join } from 'node:path'

import type { JobContext } from '#engine/job-context.ts'
import { isOneOf } from '#engine/live-rows.ts'
import { openSession } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'
import { finishFile } from '#engine/staging.ts'
import type { CompactJob, CompactResult } from '#engine/subjects/subject-job.ts'

export async function runCompact(job: CompactJob, context: JobContext): Promise<CompactResult> {
  const { path, stay, stagingFolder, tempFolder, limits } = job
  const session = context.adopt(
    await openSession(limits, tempFolder, { files: [path], folders: [tempFolder, stagingFolder] }),
  )
  const to = join(stagingFolder, 'data.parquet')
  const rows = await session.copy(
    `COPY (SELECT * FROM read_parquet(${literal(path)}) WHERE ${isOneOf(stay)}) TO ${literal(`${to}.part`)} (FORMAT parquet, COMPRESSION lz4_raw)`,
  )
  return { kind: 'subject-compact', file: await finishFile(`${to}.part`, to, rows) }
}
