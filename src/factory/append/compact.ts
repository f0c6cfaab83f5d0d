import { holdLane, noteCompacted } from '#catalog/append-lanes.ts'
import {
  grownVersions,
  publishGrown,
  scatteredPartitions,
  type GrownVersion,
  type PartitionSums,
} from '#catalog/append-publish.ts'
import { nextCommit } from '#catalog/publish.ts'
import { assertRules, loadRules } from '#catalog/subject-rules.ts'
import { FILES_MAX, segment } from '#factory/append/flush.ts'
import type { AppendParts, LaneWork } from '#factory/append/parts.ts'
import { writeSegment, type WrittenSegment } from '#factory/append/write-segment.ts'
import { removeRefused } from '#factory/remove-refused.ts'
import { MillraceError } from '#kernel/errors.ts'
import { subjectColumnsOf } from '#model/subject.ts'

/** Partitions that are compacted before the lane's other work has its turn again. */
const AT_ONCE = 4
/** A file joins newer ones that have a part of its size together, so that rows are written anew seldom. */
const GROWTH = 4

/**
 * Makes one file of the newer segments of partitions that lie in many. The rows are the same, and so is
 * the data version: nothing downstream becomes stale.
 */
export async function compactLane(parts: AppendParts, work: LaneWork): Promise<void> {
  const { lease, source } = work
  const { versions, rules } = await parts.catalog.asTenant(lease.tenant, async (session) => {
    const most = { files: FILES_MAX, partitions: AT_ONCE }
    const names = await scatteredPartitions(session, source.name, most)
    return {
      versions: await grownVersions(session, source.name, names),
      rules: await loadRules(
        session,
        subjectColumnsOf(source).map(({ kind }) => kind),
      ),
    }
  })
  const asked = { bodies: [], rules, mends: null, again: null }
  for (const version of versions) {
    work.signal.throwIfAborted()
    const isOld = version.codeVersion !== source.codeVersion || version.sums === null
    if (isOld) await segment(parts, work, { ...asked, carry: [version] })
    else await compactPartition(parts, work, version, rules.number)
  }
  await parts.catalog.asTenant(lease.tenant, (session) =>
    noteCompacted(session, lease, versions.length === AT_ONCE),
  )
}

async function compactPartition(
  parts: AppendParts,
  work: LaneWork,
  version: GrownVersion,
  rulesNumber: number | null,
): Promise<void> {
  const { lease, source } = work
  const { partition } = version
  const merged = newerFiles(version)
  const held = version.files.filter(({ role }) => role === 'quarantine')
  const mergesHeld = held.length > FILES_MAX / 2
  const written = await writeSegment(parts, work, {
    bodies: [],
    arrival: partition,
    rules: null,
    mends: null,
    again: null,
    carry: merged.size > 1 ? [{ version, fileIds: merged }] : [],
    recompute: false,
    heldOf: mergesHeld ? version : null,
  })
  assertSameRows(work, version, merged, written)
  const kept = version.files.filter(
    ({ id, role }) => !(role === 'data' ? merged.size > 1 && merged.has(id) : mergesHeld),
  )
  const publishing = parts.catalog.asTenant(lease.tenant, async (session) => {
    await holdLane(session, lease)
    const commitNumber = await nextCommit(session)
    const [now] = await grownVersions(session, source.name, [partition])
    if (now?.id !== version.id) {
      throw new MillraceError('segment-moved', { dataset: source.name, partition })
    }
    const { id, files: _files, sums, ...same } = version
    await publishGrown(session, {
      dataset: source.name,
      cause: `append-${written.flushId}`,
      taskId: written.flushId,
      fence: lease.fence,
      commitNumber,
      versions: [
        {
          ...same,
          sums: sums as PartitionSums,
          formerId: id,
          kept,
          added: written.files.map(({ path, role, rows }) => ({ path, role, rows })),
        },
      ],
      files: written.files,
    })
    await assertRules(session, { commitNumber, versionIds: [] }, rulesNumber)
  })
  await publishing.catch((error: unknown) => removeRefused(parts, written.files, error))
}

/** From the newest on: each file that is not much larger than all the newer ones together. */
function newerFiles({ files }: GrownVersion): ReadonlySet<number> {
  const data = files.filter(({ role }) => role === 'data')
  const merged = new Set<number>()
  let bytes = 0
  for (const { id, sizeBytes } of data.toReversed()) {
    if (merged.size >= FILES_MAX / 2 && sizeBytes > bytes * GROWTH) break
    merged.add(id)
    bytes += sizeBytes
  }
  return merged
}

function assertSameRows(
  { source }: LaneWork,
  version: GrownVersion,
  merged: ReadonlySet<number>,
  { result }: WrittenSegment,
): void {
  if (merged.size < 2) return
  const expected = version.files
    .filter(({ id, role }) => role === 'data' && merged.has(id))
    .reduce((sum, { rows }) => sum + rows, 0)
  const written = result.partitions.reduce((sum, { sums }) => sum + sums.rows, 0)
  if (written === expected) return
  throw new MillraceError('internal', {
    message: `${source.name} ${version.partition}: ${expected} rows in ${merged.size} files, but ${written} in the one`,
  })
}
