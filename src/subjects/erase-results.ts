import { eraseDeliveries, forgetFiles } from '#catalog/delivery-erasure.ts'
import {
  eraseVersions,
  erasedFiles,
  replaceFile,
  sharedFiles,
  storedDatasets,
} from '#catalog/erased-versions.ts'
import {
  erasedPartitions,
  recordErased,
  stepErasure,
  type Erasure,
  type ErasureLease,
} from '#catalog/erasures.ts'
import { getRun } from '#catalog/runs.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { PlanRequest } from '#model/plan.ts'
import { copyPath, orphanedPaths } from '#subjects/copy-path.ts'
import { readersOf, versionsMadeFrom, type TouchedVersion } from '#subjects/made-from.ts'
import { LEASE_MS, type SubjectParts } from '#subjects/parts.ts'

/** Versions that one transaction takes out. */
const AT_ONCE = 500

/**
 * True once nothing that is published was computed from erased rows; else there is a run that
 * computes it again. Throws `erasure-waits` where the last run did not get it done.
 */
export async function recompute(
  { factory, parts }: SubjectParts,
  lease: ErasureLease,
  erasure: Erasure,
): Promise<boolean> {
  const { tenant } = lease
  const { datasets } = await factory.forTenant(tenant)
  const readers = await readersOfErased(parts, lease, datasets)
  if (readers.length === 0) return true
  const touched = await versionsMadeFrom(parts, lease, readers)
  const current = new Set(
    touched.filter(({ isCurrent }) => isCurrent).map((each) => `${each.dataset} ${each.partition}`),
  )
  if (current.size === 0) return true
  const request: PlanRequest = {
    datasets: readers,
    partitions: null,
    mode: 'run',
    upstream: false,
    only: ['stale', 'pending', 'failed', 'held'],
  }
  const { tasks } = await factory.plan(tenant, request)
  const waiting = tasks.filter(({ dataset, partition }) => current.has(`${dataset} ${partition}`))
  if (waiting.length === 0) return true
  const run =
    erasure.runId === null
      ? null
      : await parts.catalog.asTenant(tenant, (session) => getRun(session, erasure.runId as string))
  if (run?.state === 'running') return false
  const title = `recompute without what erasure ${erasure.id} took out`
  const started = await factory.start(tenant, request, { cause: 'erasure', title })
  const runId = started.run?.id
  if (runId !== undefined) {
    await parts.catalog.asTenant(tenant, (session) =>
      stepErasure(session, lease, { runId }, LEASE_MS),
    )
  }
  if (run === null || run.state === 'done') return false
  const [first] = waiting
  throw new MillraceError('erasure-waits', {
    run: run.id,
    partitions: waiting.length,
    first: `${first?.dataset} ${first?.partition}`,
  })
}

/**
 * Takes former versions that were computed from erased rows out of the lake, and what datasets hold
 * that no code computes any more. Files that hold other partitions, too, are copied without them.
 */
export async function purgeResults(
  { factory, parts }: SubjectParts,
  lease: ErasureLease,
  signal: AbortSignal,
): Promise<void> {
  const { tenant } = lease
  const { datasets } = await factory.forTenant(tenant)
  const known = new Set(datasets.map(({ name }) => name))
  const stored = await parts.catalog.asTenant(tenant, storedDatasets)
  const unknown = stored.filter((name) => !known.has(name))
  const readers = [...(await readersOfErased(parts, lease, datasets)), ...unknown]
  const touched = await versionsMadeFrom(parts, lease, readers)
  const gone = touched.filter(({ isCurrent, dataset }) => !isCurrent || !known.has(dataset))
  for (let from = 0; from < gone.length; from += AT_ONCE) {
    const some = gone.slice(from, from + AT_ONCE)
    await parts.catalog.asTenant(tenant, async (session) => {
      await stepErasure(session, lease, {}, LEASE_MS)
      await eraseVersions(
        session,
        lease.id,
        some.map(({ id }) => id),
      )
      await recordErased(session, lease.id, purged(some))
    })
  }
  await copyShared(parts, lease, signal)
  await removeDelivered(parts, lease)
  const files = await parts.catalog.asTenant(tenant, (session) => erasedFiles(session, lease.id))
  if (files.length > 0) await parts.lake.remove(files.map(({ path }) => path))
  const proof = {
    filesPurged: files.length,
    bytesPurged: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    unread: unknown.filter(
      (name) =>
        !parts.datasets.some((dataset) => dataset.name === name) &&
        !touched.some(({ dataset }) => dataset === name),
    ),
  }
  await parts.catalog.asTenant(tenant, (session) =>
    stepErasure(session, lease, { proof }, LEASE_MS),
  )
}

/** Files of deliveries that were made so far: they may hold the rows, and can be asked for again. */
async function removeDelivered(
  { catalog, lake }: FactoryParts,
  lease: ErasureLease,
): Promise<void> {
  const { tenant } = lease
  const files = await catalog.asTenant(tenant, async (session) => {
    await stepErasure(session, lease, {}, LEASE_MS)
    return eraseDeliveries(session)
  })
  if (files.length === 0) return
  await lake.remove(files.map(({ path }) => path))
  await catalog.asTenant(tenant, (session) => forgetFiles(session, files))
}

async function readersOfErased(
  parts: FactoryParts,
  lease: ErasureLease,
  datasets: readonly DatasetDefinition[],
): Promise<string[]> {
  const erased = await parts.catalog.asTenant(lease.tenant, (session) =>
    erasedPartitions(session, lease.id),
  )
  const sources = erased.filter(({ isSource }) => isSource).map(({ dataset }) => dataset)
  return readersOf(datasets, new Set(sources))
}

/** One entry for each partition. */
function purged(versions: readonly TouchedVersion[]) {
  const places = Map.groupBy(versions, ({ dataset, partition }) => `${dataset} ${partition}`)
  return [...places.values()].map((own) => ({
    dataset: own[0]?.dataset ?? '',
    partition: own[0]?.partition ?? '',
    isSource: false,
    rows: 0,
    quarantined: 0,
    purged: own.length,
  }))
}

async function copyShared(
  parts: FactoryParts,
  lease: ErasureLease,
  signal: AbortSignal,
): Promise<void> {
  const { tenant } = lease
  const files = await parts.catalog.asTenant(tenant, (session) => sharedFiles(session, lease.id))
  for (const shared of files) {
    const name = `erase-${tenant.id}-${shared.id}-${parts.ids.next('x')}`
    const stagingFolder = await parts.lake.staging(name)
    const hold = parts.lake.hold()
    try {
      const limits = {
        memoryBytes: parts.limits.convertMemoryBytes,
        threads: parts.limits.convertThreads,
        deadlineMs: parts.limits.deadlineMs,
      }
      const { dataset, stay } = shared
      const path = await hold.localPath(shared, signal)
      const { result } = await parts.engine.run(
        {
          kind: 'subject-compact',
          dataset,
          path,
          stay,
          stagingFolder,
          tempFolder: stagingFolder,
          limits,
        },
        { signal },
      )
      const [firstPartition = ''] = stay
      const copy = { dataset, firstPartition, role: 'data', of: `file ${shared.id}` } as const
      if (lease.fence > 1) await parts.lake.remove(orphanedPaths(lease, copy))
      const file = await parts.lake.adopt(result.file, copyPath(lease, copy))
      await parts.catalog.asTenant(tenant, async (session) => {
        await stepErasure(session, lease, {}, LEASE_MS)
        await replaceFile(session, lease.id, shared, { ...file, rows: result.file.rows })
      })
    } finally {
      await hold.release()
      await parts.lake.discardStaging(name)
    }
  }
}
