import {
  hasRows,
  holdLane,
  settleBodies,
  waitingBodies,
  type WaitingBody,
} from '#catalog/append-lanes.ts'
import { noteMended } from '#catalog/append-mends.ts'
import { grownVersions, publishGrown, type GrownVersion } from '#catalog/append-publish.ts'
import { nextCommit } from '#catalog/publish.ts'
import { loadMends } from '#catalog/repairs.ts'
import { assertRules, loadRules, type NumberedRules } from '#catalog/subject-rules.ts'
import type { TenantSession } from '#catalog/session.ts'
import { assertRoom } from '#catalog/usage.ts'
import { nextVersion } from '#factory/append/next-version.ts'
import type { RequestCounts } from '#engine/append/append-job.ts'
import type { AppendParts, LaneWork } from '#factory/append/parts.ts'
import { writeSegment, type WrittenSegment } from '#factory/append/write-segment.ts'
import { removeRefused } from '#factory/remove-refused.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Mends } from '#model/mend.ts'
import { keyOf, type PartitionKey } from '#model/partition-key.ts'
import { subjectColumnsOf } from '#model/subject.ts'

/** One segment is made of at most so much. */
const MOST = { requests: 500, bytes: 16_000_000 }
/** Segments of a lane come so far apart at least, so that there are fewer of them. */
const PAUSE_MS = 700
/** From so many files on a partition is compacted. */
export const FILES_MAX = 16

/** The segment needs rows of versions that are there: their sums are not known, or their code is another. */
class CarryNeeded extends Error {
  readonly versions: readonly GrownVersion[]

  constructor(versions: readonly GrownVersion[]) {
    super('rows of former versions are needed')
    this.versions = versions
  }
}

/**
 * Turns what waits in a lane into a segment, and ends the requests in the transaction that publishes it:
 * a process that dies before has done nothing, one that dies after has done all.
 */
export async function flushLane(parts: AppendParts, work: LaneWork, few: boolean): Promise<void> {
  const { lease, source } = work
  const { tenant, dataset } = lease
  const asked = await parts.catalog.asTenant(tenant, async (session): Promise<Asked> => {
    const most = few ? { ...MOST, requests: 1 } : MOST
    const bodies = together(work, await waitingBodies(session, dataset, most))
    const kinds = subjectColumnsOf(source).map(({ kind }) => kind)
    const rules = await loadRules(session, kinds)
    const replayed = replayedBy(bodies)
    const mends = await loadMends(session, dataset, replayed ?? '', { pending: false })
    const again = replayed === null ? null : await heldIn(session, dataset, replayed)
    return { bodies, rules, mends, again, carry: [] }
  })
  await segment(parts, work, asked)
}

/** Requests that arrived in the same period as the first, for one segment has one quarantine; or one replay. */
function together({ source }: LaneWork, bodies: readonly WaitingBody[]): WaitingBody[] {
  const { grain } = source.partitioning
  const [first] = bodies
  if (first && !hasRows(first)) return [first]
  const arrival = first && keyOf(first.receivedAt, grain)
  return bodies.filter(hasRows).filter(({ receivedAt }) => keyOf(receivedAt, grain) === arrival)
}

function replayedBy([first]: readonly WaitingBody[]): PartitionKey | null {
  return first && !hasRows(first) ? first.body.toString() : null
}

async function heldIn(
  session: TenantSession,
  dataset: string,
  partition: PartitionKey,
): Promise<Replayed> {
  const [version] = await grownVersions(session, dataset, [partition])
  return { partition, version: version ?? null }
}

/** A quarantine whose rows are judged once more; `version` null: nothing of its partition is there. */
interface Replayed {
  readonly partition: PartitionKey
  readonly version: GrownVersion | null
}

/** What a segment is made of. */
export interface Asked {
  readonly bodies: readonly WaitingBody[]
  readonly rules: NumberedRules
  /** Null: nothing is done to the rows before they are judged. */
  readonly mends: Mends | null
  /** Null: the bodies are rows. */
  readonly again: Replayed | null
  /** Versions whose rows all go into the segment's file, as the code of today has them. */
  readonly carry: readonly GrownVersion[]
}

export async function segment(parts: AppendParts, work: LaneWork, asked: Asked): Promise<void> {
  const { bodies, rules, mends, again, carry } = asked
  const { lease, source } = work
  const startedMs = parts.clock.monotonicMs()
  const last = bodies.at(-1)
  if (!last && carry.length === 0) return
  const at = last?.receivedAt ?? parts.clock.now()
  const arrival = again?.partition ?? keyOf(at, source.partitioning.grain)
  const written = await writeSegment(parts, work, {
    bodies: bodies.filter(hasRows),
    arrival,
    rules: rules.rules,
    mends,
    again: again?.version ?? null,
    carry: carry.map((version) => ({ version, fileIds: dataFiles(version) })),
    recompute: true,
    heldOf: null,
  })
  const publishing = parts.catalog.asTenant(lease.tenant, async (session) => {
    await holdLane(session, lease)
    const touched = touchedBy(written, arrival)
    const commitNumber = touched.length > 0 ? await nextCommit(session) : null
    await assertRoom(
      session,
      written.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    )
    const formers = await grownVersions(session, source.name, touched)
    const isMended = written.result.isMended
    refuseUnknown(work, formers, carry, isMended ? (again?.version ?? null) : null)
    const bytes = again ? 0 : bodies.reduce((sum, body) => sum + body.bytes, 0)
    const versions = touched.map((partition) =>
      nextVersion(source, written.result.columns, {
        partition,
        segment: written.result.partitions.find((own) => own.partition === partition) ?? null,
        former: formers.find((own) => own.partition === partition) ?? null,
        isWhole: carry.some((own) => own.partition === partition),
        held: partition === arrival ? written.result.quarantineReasons : [],
        isHeldAnew: again !== null && partition === arrival,
        added: addedTo(written, partition, arrival),
        at,
        bytes: partition === arrival ? bytes : 0,
      }),
    )
    if (commitNumber !== null) {
      await publishGrown(session, {
        dataset: source.name,
        cause: `${again ? 'mend' : 'append'}-${written.flushId}`,
        taskId: written.flushId,
        fence: lease.fence,
        commitNumber,
        versions,
        files: written.files,
      })
    }
    const elapsedMs = Math.max(1, parts.clock.monotonicMs() - startedMs)
    await settleBodies(session, lease, {
      bodies: bodies.map(({ id, bytes: size }, index) => {
        const counts = again ? summed(written.result.again) : written.result.requests[index]
        return { ...none, ...counts, id, bytes: size }
      }),
      commitNumber,
      settleMs: isChanged(formers, versions) ? source.append.settleMs : null,
      drainRate: again ? null : (bytes * 1000) / Math.max(elapsedMs, PAUSE_MS),
      pauseMs: PAUSE_MS,
      compact: versions.some(({ kept, added }) => kept.length + added.length > FILES_MAX),
    })
    await noteMended(session, written.result.again)
    await assertRules(session, { commitNumber, versionIds: [] }, rules.number)
  })
  try {
    await publishing.catch((error: unknown) => removeRefused(parts, written.files, error))
  } catch (error) {
    if (!(error instanceof CarryNeeded) || carry.length > 0) throw error
    await parts.lake.remove(written.files.map(({ path }) => path))
    await segment(parts, work, { ...asked, carry: error.versions })
  }
}

const none = { received: 0, accepted: 0, repaired: 0, quarantined: 0, withheld: 0, erased: 0 }

function summed(all: readonly RequestCounts[]): RequestCounts {
  const sum = { ...none }
  for (const counts of all) {
    for (const name of Object.keys(none) as (keyof typeof none)[]) sum[name] += counts[name]
  }
  return sum
}

function dataFiles({ files }: GrownVersion): ReadonlySet<number> {
  return new Set(files.filter(({ role }) => role === 'data').map(({ id }) => id))
}

function touchedBy({ result }: WrittenSegment, arrival: PartitionKey): PartitionKey[] {
  const touched = new Set(result.partitions.map(({ partition }) => partition))
  // Where a replay mends everything, it leaves no quarantine.
  if (result.quarantine || result.isMended) touched.add(arrival)
  return [...touched].sort()
}

function addedTo(
  { data, quarantine, result }: WrittenSegment,
  partition: PartitionKey,
  arrival: PartitionKey,
) {
  const own = result.partitions.find((each) => each.partition === partition)
  return [
    ...(data && own ? [{ path: data.path, role: 'data' as const, rows: own.sums.rows }] : []),
    ...(quarantine && partition === arrival
      ? [{ path: quarantine.path, role: 'quarantine' as const, rows: quarantine.rows }]
      : []),
  ]
}

/** What was read of a version must be what is there; a version that sums cannot go on from is read. */
function refuseUnknown(
  { source }: LaneWork,
  formers: readonly GrownVersion[],
  carry: readonly GrownVersion[],
  mended: GrownVersion | null,
): void {
  for (const { partition, id } of mended ? [...carry, mended] : carry) {
    if (formers.find((own) => own.partition === partition)?.id === id) continue
    throw new MillraceError('segment-moved', { dataset: source.name, partition })
  }
  const needed = formers.filter(
    ({ id, sums, codeVersion }) =>
      (sums === null || codeVersion !== source.codeVersion) && !carry.some((own) => own.id === id),
  )
  if (needed.length > 0) throw new CarryNeeded(needed)
}

function isChanged(
  formers: readonly GrownVersion[],
  versions: readonly { readonly partition: PartitionKey; readonly dataVersion: string }[],
): boolean {
  const before = new Map(formers.map(({ partition, dataVersion }) => [partition, dataVersion]))
  return versions.some(({ partition, dataVersion }) => before.get(partition) !== dataVersion)
}
