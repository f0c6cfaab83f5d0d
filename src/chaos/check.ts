import { parseTaskId } from '#catalog/background-ids.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { findBreaches, knownFiles, servedPartitions } from '#chaos/breaches.ts'
import type { Promises } from '#chaos/load.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Lake } from '#lake/lake.ts'
import type { Tenant } from '#model/tenant.ts'

export interface Findings {
  /** Promised tasks and runs that are not there, or have not ended as they must. */
  readonly lost: readonly string[]
  /** What took effect twice, or by an attempt whose time was over; and whatever else must not be. */
  readonly breaches: readonly string[]
  /** Runs that ended failed or held, which is allowed: they are told, and the next run does the rest. */
  readonly failedRuns: number
  readonly files: number
  readonly partitions: number
}

/** Compares what was promised with what is there, with SQL and hashes of its own. */
export async function check(
  parts: { readonly catalog: Catalog; readonly lake: Lake },
  tenant: Tenant,
  promises: Promises,
): Promise<Findings> {
  const { catalog, lake } = parts
  const { breaches, files, partitions, tasks, runs } = await catalog.asTenant(
    tenant,
    async (session) => ({
      breaches: await findBreaches(session),
      files: await knownFiles(session),
      partitions: await servedPartitions(session),
      tasks: await session.query<{ id: number; state: string; result: string | null }>(
        `SELECT t.id, t.state, b.result FROM task t
         JOIN background_task b ON b.tenant_id = $1 AND b.task_id = t.id
         WHERE t.tenant_id = $1 AND t.run_id = ''`,
        [tenant.id],
      ),
      runs: await session.query<{ id: string; state: string }>(
        'SELECT id, state FROM run WHERE tenant_id = $1',
        [tenant.id],
      ),
    }),
  )
  const lost: string[] = []
  const byId = new Map(tasks.map((task) => [task.id, task]))
  for (const [id, number] of promises.tasks) {
    const task = byId.get(parseTaskId(id) ?? -1)
    if (task?.state !== 'done') lost.push(`task ${id} is ${task?.state ?? 'not there'}`)
    else if ((JSON.parse(task.result ?? 'null') as { number?: number } | null)?.number !== number) {
      breaches.push(`task ${id} was posted with ${number}, its result is ${task.result}`)
    }
  }
  const states = new Map(runs.map(({ id, state }) => [id, state]))
  for (const id of promises.runs) {
    if (!states.has(id)) lost.push(`run ${id} is not there`)
    else if (states.get(id) === 'running') lost.push(`run ${id} does not end`)
  }
  for (const file of files) {
    try {
      await lake.verify(file, { fresh: true })
    } catch (error) {
      breaches.push(error instanceof MillraceError ? error.message : String(error))
    }
  }
  const failedRuns = runs.filter(({ state }) => state === 'failed').length
  return { lost, breaches, failedRuns, files: files.length, partitions: partitions.length }
}

/** Partitions that two tenants with the same files serve differently. */
export async function compareServed(
  catalog: Catalog,
  one: Tenant,
  other: Tenant,
): Promise<string[]> {
  const served = async (tenant: Tenant) =>
    new Map(
      (await catalog.asTenant(tenant, servedPartitions)).map(({ name, dataVersion }) => [
        name,
        dataVersion,
      ]),
    )
  const ones = await served(one)
  const others = await served(other)
  const isEmpty = (version: string | undefined) => version === undefined || version.endsWith(':0')
  return [...new Set([...ones.keys(), ...others.keys()])].flatMap((name) => {
    const [a, b] = [ones.get(name), others.get(name)]
    // A day that the files hold no longer stays served with no rows.
    if (a === b || (isEmpty(a) && isEmpty(b))) return []
    return [`${name} is served as ${a ?? 'nothing'}, undisturbed work comes to ${b ?? 'nothing'}`]
  })
}
