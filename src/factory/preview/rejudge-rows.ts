import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { grownVersions, type GrownVersion } from '#catalog/append-publish.ts'
import { loadMends } from '#catalog/repairs.ts'
import { loadRules } from '#catalog/subject-rules.ts'
import type { AppendJob, AppendResult } from '#engine/append/append-job.ts'
import { nextVersion } from '#factory/append/next-version.ts'
import type { AppendSource } from '#factory/append/parts.ts'
import type { Previewing } from '#factory/preview/readers.ts'
import type { Reread } from '#factory/preview/reread-objects.ts'
import { countsOf, type HeldCounts } from '#factory/preview/held-counts.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { subjectColumnsOf } from '#model/subject.ts'

/**
 * Judges the held rows of some partitions of rows that were sent, with everything that waits, and joins
 * those that are good to the rows of their own partitions.
 */
export async function rejudgeRows(
  previewing: Previewing,
  source: AppendSource,
  partitions: readonly PartitionKey[],
): Promise<Reread> {
  const { parts, tenant, signal } = previewing
  const versions = (keys: readonly PartitionKey[]) =>
    parts.catalog.asTenant(tenant, (session) => grownVersions(session, source.name, keys))
  const asked = await versions(partitions)
  const judged: Judged[] = []
  for (const version of asked) {
    signal.throwIfAborted()
    judged.push({ version, result: await judge(previewing, source, version) })
  }
  const touched = new Set<PartitionKey>()
  for (const { version, result } of judged) {
    if (result.isMended) touched.add(version.partition)
    for (const { partition } of result.partitions) touched.add(partition)
  }
  const formers = await versions([...touched])
  const joined = await joinRows(previewing, source, [...touched].sort(), formers, judged)
  const at = parts.clock.now()
  const made = [...touched].sort().map((partition) => {
    const own = judged.find(({ version }) => version.partition === partition)?.result
    const segment = joined?.partitions.find((one) => one.partition === partition)
    return nextVersion(source, joined?.columns ?? own?.columns ?? [], {
      partition,
      segment: segment ? { ...segment, repaired: repairedIn(judged, partition) } : null,
      former: formers.find((one) => one.partition === partition) ?? null,
      isWhole: segment !== undefined,
      held: own?.quarantineReasons ?? [],
      isHeldAnew: own?.isMended ?? false,
      added: [],
      at,
      bytes: 0,
    })
  })
  const shown = [...made, ...asked.filter(({ partition }) => !touched.has(partition))]
  const changed = made.filter(
    ({ partition, dataVersion }) =>
      formers.find((one) => one.partition === partition)?.dataVersion !== dataVersion,
  )
  return {
    partitions: shown
      .toSorted((a, b) => (a.partition < b.partition ? -1 : 1))
      .map(({ partition, origin }) => ({
        partition,
        before: countsOf(
          [...formers, ...asked].find((one) => one.partition === partition)?.origin ?? null,
        ),
        after: countsOf(origin) ?? nothing,
        reasons: origin?.reasons ?? [],
      })),
    made: changed.map(({ partition, dataVersion, codeVersion, observed }) => ({
      partition,
      dataVersion,
      codeVersion,
      observed,
    })),
    files: new Map(changed.map(({ partition }) => [partition, joined?.file?.path ?? null])),
  }
}

const nothing: HeldCounts = { received: 0, accepted: 0, repaired: 0, quarantined: 0 }

interface Judged {
  readonly version: GrownVersion
  readonly result: AppendResult
}

function repairedIn(judged: readonly Judged[], partition: PartitionKey): number {
  return judged
    .flatMap(({ result }) => result.partitions)
    .filter((one) => one.partition === partition)
    .reduce((sum, { repaired }) => sum + repaired, 0)
}

async function judge(
  previewing: Previewing,
  source: AppendSource,
  version: GrownVersion,
): Promise<AppendResult> {
  const { parts, tenant } = previewing
  const { partition } = version
  const kinds = subjectColumnsOf(source).map(({ kind }) => kind)
  const { rules, mends } = await parts.catalog.asTenant(tenant, async (session) => ({
    rules: (await loadRules(session, kinds)).rules,
    mends: await loadMends(session, source.name, partition, { pending: true }),
  }))
  const paths = await pathsOf(previewing, version, 'quarantine')
  return run(previewing, source, {
    arrival: partition,
    carry: [],
    recompute: false,
    repairs: mends?.repairs ?? [],
    again: paths.length > 0 ? { paths, fixes: mends?.fixes ?? [] } : null,
    rules,
  })
}

/** All rows that the partitions would hold, in one file; null: they would hold none. */
async function joinRows(
  previewing: Previewing,
  source: AppendSource,
  partitions: readonly PartitionKey[],
  formers: readonly GrownVersion[],
  judged: readonly Judged[],
): Promise<AppendResult | null> {
  const carry = []
  for (const partition of partitions) {
    const former = formers.find((one) => one.partition === partition)
    const paths = former ? await pathsOf(previewing, former, 'data') : []
    for (const { result } of judged) {
      const isIn = result.partitions.some((one) => one.partition === partition)
      if (isIn && result.file) paths.push(result.file.path)
    }
    if (paths.length > 0) carry.push({ partition, paths })
  }
  if (carry.length === 0) return null
  return run(previewing, source, {
    arrival: partitions[0] ?? '',
    carry,
    recompute: formers.some(({ codeVersion }) => codeVersion !== source.codeVersion),
    repairs: [],
    again: null,
    rules: null,
  })
}

async function run(
  { parts, signal, folder }: Previewing,
  source: AppendSource,
  job: Pick<AppendJob, 'arrival' | 'carry' | 'recompute' | 'repairs' | 'again' | 'rules'>,
): Promise<AppendResult> {
  const stagingFolder = join(folder, parts.ids.next('s'))
  const tempFolder = join(stagingFolder, 'spill')
  await mkdir(tempFolder, { recursive: true })
  const { convertMemoryBytes: memoryBytes, convertThreads: threads, deadlineMs } = parts.limits
  const { result } = await parts.engine.run(
    {
      kind: 'append',
      dataset: source.name,
      source,
      bodiesPath: null,
      requests: [],
      heldPaths: [],
      ...job,
      stagingFolder,
      tempFolder,
      limits: { memoryBytes, threads, deadlineMs },
    },
    { signal },
  )
  return result
}

function pathsOf(
  { hold, signal }: Previewing,
  { files }: GrownVersion,
  role: 'data' | 'quarantine',
): Promise<string[]> {
  return Promise.all(
    files.filter((file) => file.role === role).map((file) => hold.localPath(file, signal)),
  )
}
