import type { Catalog } from '#catalog/catalog.ts'
import { createRun, type NewTask } from '#catalog/enqueue.ts'
import { appendLogs } from '#catalog/logs.ts'
import { publish, type Publication, type PublishRequest } from '#catalog/publish.ts'
import { claim, lanesOf, type ClaimRequest } from '#catalog/queue.ts'
import type { JobCost } from '#model/outcome.ts'
import type { ClaimedTask, PublishedPartition, SourceOrigin } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

const cost: JobCost = {
  wallMs: 10,
  cpuMs: 8,
  peakMemoryBytes: 1_000,
  readBytes: 500,
  writtenBytes: 50,
}

export function buildTask(
  dataset: string,
  partition: string,
  after: readonly number[] = [],
  more: Partial<NewTask> = {},
): NewTask {
  return {
    kind: 'build',
    dataset,
    partition,
    after,
    conditional: false,
    forced: false,
    reason: 'never built',
    ...more,
  }
}

let runs = 0

/** A run with these tasks; returns its id and theirs. */
export async function buildRun(
  catalog: Catalog,
  tenant: Tenant,
  tasks: readonly NewTask[],
): Promise<{ runId: string; taskIds: number[] }> {
  const runId = `run_${String(++runs).padStart(6, '0')}`
  const request = { datasets: [], partitions: null, mode: 'run' } as const
  const plan = {
    request,
    later: [],
    datasets: [],
    tasks: tasks.length,
    estimatedMs: null,
    estimatedBytes: null,
  }
  const { taskIds } = await catalog.asTenant(tenant, (session) =>
    createRun(session, { id: runId, cause: 'manual', title: 'run events', plan }, tasks),
  )
  return { runId, taskIds }
}

export function claimBatch(
  catalog: Catalog,
  request: Partial<ClaimRequest> = {},
): Promise<ClaimedTask[]> {
  const { worker = 'w1', leaseMs = 60_000, maxTasks = 256, lanes = lanesOf.slot } = request
  return catalog.asSystem((session) =>
    claim(session, { worker, leaseMs, maxTasks, lanes, ...request }),
  )
}

export function buildOrigin(more: Partial<SourceOrigin> = {}): SourceOrigin {
  return {
    location: 's3://bucket/2021/04/events.csv',
    etag: '"1"',
    sizeBytes: 100,
    modifiedAt: '2021-05-01T00:00:00.000Z',
    sha256: 'ab'.repeat(32),
    received: 10,
    accepted: 9,
    repaired: 0,
    quarantined: 1,
    reasons: [],
    ...more,
  }
}

export function buildPartition(
  task: ClaimedTask,
  more: Partial<PublishedPartition> = {},
): PublishedPartition {
  return {
    taskId: task.id,
    fence: task.fence,
    partition: task.partition,
    fingerprint: 'f1',
    codeVersion: 'c1',
    dataVersion: 'd1:5',
    rows: 5,
    columns: [{ name: 'day', type: 'DATE' }],
    checks: [],
    held: false,
    observed: null,
    inputs: [],
    origin: null,
    cost,
    ...more,
  }
}

/** Publishes a claimed batch, every partition with these properties, in one data file. */
export function publishBatch(
  catalog: Catalog,
  tenant: Tenant,
  batch: readonly ClaimedTask[],
  more: Partial<PublishedPartition> | ((task: ClaimedTask) => Partial<PublishedPartition>) = {},
  request: Partial<PublishRequest> = {},
): Promise<Publication> {
  const [first] = batch
  if (!first) throw new Error('nothing was claimed')
  const partitions = batch.map((task) =>
    buildPartition(task, typeof more === 'function' ? more(task) : more),
  )
  const rows = partitions.reduce((sum, partition) => sum + partition.rows, 0)
  const path = `${tenant.slug}/${first.dataset}/t${first.id}-f${first.fence}-data.parquet`
  return catalog.asTenant(tenant, (session) =>
    publish(session, {
      environment: 'main',
      dataset: first.dataset,
      runId: first.runId,
      files: [{ path, sizeBytes: 1_000, sha256: 'cd'.repeat(32), rows, role: 'data' }],
      partitions,
      ...request,
    }),
  )
}

/** A run of one source partition and what reads it, published, with rows in every table. */
export async function buildPublishedRun(catalog: Catalog, tenant: Tenant): Promise<string> {
  const { runId } = await buildRun(catalog, tenant, [
    buildTask('events', '2021-04'),
    buildTask('events_by_month', '2021-04', [0]),
  ])
  const checks = [
    { name: 'ids', severity: 'warning', passed: false, failingRows: 2, message: '2 rows' } as const,
  ]
  const source = await claimBatch(catalog)
  await publishBatch(catalog, tenant, source, { origin: buildOrigin(), checks })
  const analysis = await claimBatch(catalog)
  await catalog.asTenant(tenant, (session) =>
    appendLogs(
      session,
      analysis.map(({ id, attempt }) => ({
        taskId: id,
        attempt,
        at: new Date(0),
        level: 'info',
        message: 'built',
      })),
    ),
  )
  await publishBatch(catalog, tenant, analysis)
  return runId
}
