import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { nextFlushId, type GrownVersion } from '#catalog/append-publish.ts'
import type { RowsBody } from '#catalog/append-lanes.ts'
import type { PublishedFile } from '#catalog/publish.ts'
import type { AppendResult } from '#engine/append/append-job.ts'
import type { AppendParts, LaneWork } from '#factory/append/parts.ts'
import { filePath, type FileRole } from '#lake/file-path.ts'
import type { LakeHold } from '#lake/lake.ts'
import type { Mends } from '#model/mend.ts'
import type { StagedFile } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SubjectRules } from '#model/subject.ts'

export interface SegmentRequest {
  readonly bodies: readonly RowsBody[]
  readonly arrival: PartitionKey
  readonly rules: SubjectRules | null
  readonly mends: Mends | null
  /** Whose held rows are judged once more; null: nobody's. */
  readonly again: GrownVersion | null
  /** Versions of which these data files go into the new one. */
  readonly carry: readonly {
    readonly version: GrownVersion
    readonly fileIds: ReadonlySet<number>
  }[]
  readonly recompute: boolean
  /** Of which version all quarantines become one; null: of none. */
  readonly heldOf: GrownVersion | null
}

/** A segment that lies in the lake, in files that no row names yet. */
export interface WrittenSegment {
  readonly result: AppendResult
  readonly flushId: number
  readonly data: PublishedFile | null
  readonly quarantine: PublishedFile | null
  readonly files: readonly PublishedFile[]
}

const DEADLINE_MS = 120_000
const MEMORY_BYTES = 256_000_000

/** Runs the engine over what waits, and brings what it wrote into the lake. */
export async function writeSegment(
  parts: AppendParts,
  { lease, source, signal }: LaneWork,
  request: SegmentRequest,
): Promise<WrittenSegment> {
  const { bodies, arrival, rules, mends, again, carry, recompute, heldOf } = request
  const { tenant, dataset, fence } = lease
  const flushId = await parts.catalog.asTenant(tenant, nextFlushId)
  const name = `append-${flushId}-f${fence}`
  const stagingFolder = await parts.lake.staging(name)
  const hold = parts.lake.hold()
  try {
    const tempFolder = join(stagingFolder, 'spill')
    await mkdir(tempFolder)
    const bodiesPath = join(stagingFolder, 'bodies')
    await writeFile(bodiesPath, Buffer.concat(bodies.map(({ body }) => body)), { mode: 0o600 })
    let at = 0
    const requests = bodies.map(({ id, format, encoding, body }) => {
      at += body.length
      return { id, format, encoding, at: at - body.length, length: body.length }
    })
    const held = ({ role }: GrownVersion['files'][number]) => role === 'quarantine'
    const againPaths = again ? await localPaths(hold, again, held, signal) : []
    const { result } = await parts.engine.run(
      {
        kind: 'append',
        dataset,
        source,
        bodiesPath,
        requests,
        arrival,
        rules,
        carry: await Promise.all(
          carry.map(async ({ version, fileIds }) => ({
            partition: version.partition,
            paths: await localPaths(hold, version, (file) => fileIds.has(file.id), signal),
          })),
        ),
        recompute,
        heldPaths: heldOf ? await localPaths(hold, heldOf, held, signal) : [],
        repairs: mends?.repairs ?? [],
        again: againPaths.length > 0 ? { paths: againPaths, fixes: mends?.fixes ?? [] } : null,
        stagingFolder,
        tempFolder,
        limits: { memoryBytes: MEMORY_BYTES, threads: 1, deadlineMs: DEADLINE_MS },
      },
      { signal },
    )
    const adopt = async (staged: StagedFile | null, role: FileRole) => {
      if (!staged) return null
      const path = filePath({
        tenant,
        dataset,
        firstPartition: arrival,
        taskId: flushId,
        fence,
        role,
      })
      const { sizeBytes, sha256 } = await parts.lake.adopt(staged, path)
      return { path, sizeBytes, sha256, rows: staged.rows, role }
    }
    const data = await adopt(result.file, 'data')
    const quarantine = await adopt(result.quarantine, 'quarantine')
    const files = [data, quarantine].filter((file) => file !== null)
    return { result, flushId, data, quarantine, files }
  } finally {
    await hold.release()
    await parts.lake.discardStaging(name)
  }
}

function localPaths(
  hold: LakeHold,
  { files }: GrownVersion,
  wanted: (file: GrownVersion['files'][number]) => boolean,
  signal: AbortSignal,
): Promise<string[]> {
  return Promise.all(files.filter(wanted).map((file) => hold.localPath(file, signal)))
}
