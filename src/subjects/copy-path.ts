import type { ErasureLease } from '#catalog/erasures.ts'
import { sha256 } from '#kernel/hash.ts'
import { filePath, type FileRole } from '#lake/file-path.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** What a copy without erased rows is made of. */
export interface CopyOf {
  readonly dataset: string
  readonly firstPartition: PartitionKey
  readonly role: FileRole
  /** Version or file; each erasure makes one copy of it for each role. */
  readonly of: string
}

/**
 * Where a copy comes to lie. Each taking of an erasure has names of its own, so that one that stalled
 * can only leave an orphan; and they can be told again, so that the next one removes it.
 */
export function copyPath({ tenant, id, fence }: ErasureLease, copy: CopyOf): string {
  const { of, ...address } = copy
  const digest = sha256(`${id}\n${fence}\n${of}\n${copy.role}`)
  return filePath({
    ...address,
    tenant,
    taskId: 0,
    fence: Number.parseInt(digest.slice(0, 12), 16),
  })
}

/** What former takings may have left of it. */
export function orphanedPaths(lease: ErasureLease, copy: CopyOf): string[] {
  return Array.from({ length: lease.fence - 1 }, (_, before) =>
    copyPath({ ...lease, fence: before + 1 }, copy),
  )
}
