import { everyFile } from '#factory/sweep-lake.ts'
import { toMillraceError, type MillraceError } from '#kernel/errors.ts'
import { ok, type Check } from '#operations/health/finding.ts'

const FREE_BYTES_LOW = 2e9
const FREE_BYTES_EMPTY = 200e6
/** Without `deep`, so many bytes are hashed at most; files that this process has verified cost nothing. */
const QUICK_BYTES = 500e6
const BROKEN_NAMED = 3

export const checkLake: Check = async ({ lake }) => {
  await lake.probe()
  const { files, bytes, freeBytes } = await lake.usage()
  const free = `${(freeBytes / 1e9).toFixed(1)} GB free`
  const detail = `writable, ${files} files, ${(bytes / 1e6).toFixed(1)} MB, ${free}`
  if (freeBytes >= FREE_BYTES_LOW) return ok(detail)
  return {
    state: freeBytes < FREE_BYTES_EMPTY ? 'problem' : 'warning',
    detail,
    remedy: '`millrace maintenance sweep` removes former versions; or give the disk more room.',
  }
}

export function checkFiles(deep: boolean): Check {
  return async (parts, signal) => {
    let files = 0
    let hashed = 0
    const broken: MillraceError[] = []
    for await (const file of everyFile(parts.catalog)) {
      files++
      if (!deep && hashed + file.sizeBytes > QUICK_BYTES) continue
      hashed += file.sizeBytes
      try {
        await parts.lake.verify(file, { fresh: deep, signal })
      } catch (thrown) {
        broken.push(toMillraceError(thrown))
      }
    }
    const [first] = broken
    if (first) {
      const named = broken.slice(0, BROKEN_NAMED).map(({ message }) => message)
      return {
        state: 'problem',
        detail: `${broken.length} of ${files} files: ${named.join('; ')}`,
        remedy: first.remedy,
      }
    }
    const share = `${(hashed / 1e6).toFixed(1)} MB compared with their SHA-256`
    return ok(files === 0 ? 'nothing published yet' : `${files} published files, ${share}`)
  }
}
