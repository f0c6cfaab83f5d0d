import type { PublishedFile } from '#catalog/publish.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { toMillraceError } from '#kernel/errors.ts'

/**
 * Files whose publish was refused because a subject was erased meanwhile go at once: they hold what
 * must not stay until orphans are swept. Throws the error again.
 */
export async function removeRefused(
  { lake, log }: Pick<FactoryParts, 'lake' | 'log'>,
  files: readonly PublishedFile[],
  error: unknown,
): Promise<never> {
  if (toMillraceError(error).code === 'subjects-changed' && files.length > 0) {
    await lake.remove(files.map(({ path }) => path)).catch((cause: unknown) => {
      log.warn('removing files that were not published', { error: cause })
    })
  }
  throw error
}
