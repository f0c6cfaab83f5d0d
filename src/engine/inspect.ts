import type { JobContext } from '#engine/job-context.ts'
import type { InspectJob, InspectResult } from '#engine/protocol.ts'
import { describe, refuseSeveralStatements, storedColumns } from '#engine/result-columns.ts'
import { openSession } from '#engine/session.ts'
import { identifier } from '#engine/sql-text.ts'

/** Binds a SELECT over empty inputs: tells the result's columns, or why it does not bind. */
export async function runInspect(job: InspectJob, context: JobContext): Promise<InspectResult> {
  const session = context.adopt(
    await openSession(job.limits, job.tempFolder, { files: [], folders: [] }),
  )
  await refuseSeveralStatements(session, job.dataset, job.text)
  for (const { dataset, columns } of job.inputs) {
    const list = columns.map(({ name, type }) => `${identifier(name)} ${type}`)
    await session.run(`CREATE TABLE ${identifier(dataset)} (${list.join(', ')})`)
  }
  await session.run(
    `CREATE TABLE this_partition ("key" VARCHAR, starts_at TIMESTAMP, ends_at TIMESTAMP)`,
  )
  const described = await describe(session, `SELECT * FROM (${job.text}\n)`)
  return { kind: 'inspect', columns: storedColumns(job.dataset, described).columns }
}
