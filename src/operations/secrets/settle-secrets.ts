import type { Catalog } from '#catalog/catalog.ts'
import { countSealed } from '#catalog/secret-columns.ts'
import type { Logger } from '#kernel/logger.ts'
import { resealSecrets } from '#operations/secrets/reseal.ts'
import type { Secrets } from '#secrets/secrets.ts'
import { secretNames } from '#operations/secrets/secret-names.ts'

/**
 * For the start of a process: encrypts what lies open from a time before there were keys, and says
 * which keys are missing before the first use of a secret does.
 */
export async function settleSecrets(parts: {
  readonly catalog: Catalog
  readonly secrets: Secrets
  readonly log: Logger
}): Promise<void> {
  const { catalog, secrets, log } = parts
  const counts = await catalog.asSystem((session) => countSealed(session, secretNames))
  const missing = counts.flatMap(({ keyId, secrets: count }) =>
    keyId === null || secrets.keyIds.includes(keyId) ? [] : [`${keyId} (${count} secrets)`],
  )
  if (missing.length > 0) {
    log.error('secrets were encrypted with keys that this process does not have', {
      keys: [...new Set(missing)],
    })
  }
  if (!counts.some(({ keyId }) => keyId === null)) return
  if (secrets.currentKeyId === null) {
    log.warn('secrets lie open in the catalog, for there is no MILLRACE_SECRET_KEY_FILE')
    return
  }
  const { resealed } = await resealSecrets(parts, 'open')
  log.info('encrypted secrets that lay open', { values: resealed })
}
