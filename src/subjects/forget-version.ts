import { join } from 'node:path'
import { mkdir } from 'node:fs/promises'

import type { Rewritten, StoredVersion } from '#catalog/erased-versions.ts'
import type { ErasureLease } from '#catalog/erasures.ts'
import type { PublishedFile } from '#catalog/publish.ts'
import type { ForgetResult } from '#engine/subjects/subject-job.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { FileRole } from '#lake/file-path.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { ObservedValue, StagedFile } from '#model/outcome.ts'
import type { SourceOrigin } from '#model/run.ts'
import type { SubjectRules } from '#model/subject.ts'
import { copyPath, orphanedPaths, type CopyOf } from '#subjects/copy-path.ts'

export interface ForgetRequest {
  readonly lease: ErasureLease
  readonly source: SourceDefinition
  readonly version: StoredVersion
  readonly rules: SubjectRules
  readonly signal: AbortSignal
}

export interface Forgotten {
  readonly rows: number
  readonly quarantined: number
  /** What takes the place of a current version; null: a former one goes as a whole. */
  readonly rewritten: Rewritten | null
}

/**
 * Looks through one version of a source; null: it holds no row of anybody who is erased. Of a current
 * version, what is left lies in the lake then, in files that no row names yet.
 */
export async function forgetVersion(
  parts: FactoryParts,
  request: ForgetRequest,
): Promise<Forgotten | null> {
  const { version } = request
  const name = `erase-${request.lease.tenant.id}-${version.id}-${parts.ids.next('x')}`
  const stagingFolder = await parts.lake.staging(name)
  const hold = parts.lake.hold()
  try {
    const counted = await look(parts, request, hold, stagingFolder, false)
    if (counted === null) return { rows: 0, quarantined: 0, rewritten: null }
    const found = { rows: counted.erased, quarantined: counted.erasedQuarantined }
    if (found.rows + found.quarantined === 0) return null
    if (!version.isCurrent) return { ...found, rewritten: null }
    const left = await look(parts, request, hold, stagingFolder, true)
    return { ...found, rewritten: left && (await adopted(parts, request, left)) }
  } finally {
    await hold.release()
    await parts.lake.discardStaging(name)
  }
}

/** Null: a former version whose file cannot be read; nobody can say what it holds, so it goes. */
async function look(
  parts: FactoryParts,
  { source, version, rules, signal }: ForgetRequest,
  hold: ReturnType<FactoryParts['lake']['hold']>,
  stagingFolder: string,
  writes: boolean,
): Promise<ForgetResult | null> {
  const pathsOf = (role: FileRole) =>
    Promise.all(
      version.files
        .filter((each) => each.role === role)
        .map((file) => hold.localPath(file, signal)),
    )
  try {
    const tempFolder = join(stagingFolder, writes ? 'write' : 'look')
    await mkdir(tempFolder)
    const { result } = await parts.engine.run(
      {
        kind: 'subject-forget',
        dataset: source.name,
        source,
        partition: version.partition,
        dataPaths: await pathsOf('data'),
        quarantinePaths: await pathsOf('quarantine'),
        header: version.origin?.header ?? null,
        rules,
        stagingFolder: writes ? stagingFolder : null,
        tempFolder,
        limits: {
          memoryBytes: parts.limits.convertMemoryBytes,
          threads: parts.limits.convertThreads,
          deadlineMs: parts.limits.deadlineMs,
        },
      },
      { signal },
    )
    return result
  } catch (error) {
    if (!version.isCurrent && isUnreadable(error)) return null
    throw error
  }
}

function isUnreadable(error: unknown): boolean {
  const code = error instanceof MillraceError ? error.code : null
  return code === 'file-missing' || code === 'file-damaged' || code === 'input-damaged'
}

async function adopted(
  parts: FactoryParts,
  { lease, source, version }: ForgetRequest,
  left: ForgetResult,
): Promise<Rewritten> {
  const files: PublishedFile[] = []
  const adopt = async (staged: StagedFile | null | undefined, role: FileRole) => {
    if (!staged) return
    const path = copyPath(lease, copyOf(source, version, role))
    const { sizeBytes, sha256 } = await parts.lake.adopt(staged, path)
    files.push({ path, sizeBytes, sha256, rows: staged.rows, role })
  }
  await adopt(left.data?.file, 'data')
  await adopt(left.quarantine?.file, 'quarantine')
  return {
    formerId: version.id,
    dataVersion: left.data?.dataVersion ?? null,
    rows: left.data?.rows ?? 0,
    checks: left.data?.checks ?? [],
    observed: source.observes ? withGone(version.observed, left.data?.observed ?? []) : null,
    origin: originOf(version.origin as SourceOrigin, left),
    files,
  }
}

/** Removes what a process left that died between writing a version's copy and its row. */
export async function removeOrphans(
  parts: FactoryParts,
  { lease, source, version }: Pick<ForgetRequest, 'lease' | 'source' | 'version'>,
): Promise<void> {
  const roles = ['data', 'quarantine'] as const
  const paths = roles.flatMap((role) => orphanedPaths(lease, copyOf(source, version, role)))
  if (paths.length > 0) await parts.lake.remove(paths)
}

function copyOf(source: SourceDefinition, version: StoredVersion, role: FileRole): CopyOf {
  const of = `version ${version.id}`
  return { dataset: source.name, firstPartition: version.partition, role, of }
}

/** What was received stays what was received; the counts still add up to it. */
function originOf(former: SourceOrigin, left: ForgetResult): SourceOrigin {
  const rows = left.data?.rows ?? 0
  // Which of the rows that are left had been mended is not told any more; there are no more of them.
  const repaired = Math.min(former.repaired, rows)
  return {
    ...former,
    accepted: rows - repaired,
    repaired,
    quarantined: former.quarantined - left.erasedQuarantined,
    erased: (former.erased ?? 0) + left.erased + left.erasedQuarantined,
    reasons: left.quarantine?.reasons ?? former.reasons,
  }
}

/** Periods that only the erased subject was seen in stay named, so that what read them is reached. */
function withGone(
  former: readonly ObservedValue[] | null,
  observed: readonly ObservedValue[],
): ObservedValue[] {
  const present = new Set(observed.map(({ value }) => value))
  const gone = (former ?? [])
    .filter(({ value }) => !present.has(value))
    .map(({ value }) => ({ value, dataVersion: 'gone:0', rows: 0 }))
  return [...observed, ...gone]
}
