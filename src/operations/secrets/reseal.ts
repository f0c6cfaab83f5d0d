import type { Catalog } from '#catalog/catalog.ts'
import {
  replaceSealed,
  sealedColumns,
  sealedValues,
  type SealedColumn,
  type SealedValue,
} from '#catalog/secret-columns.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import { isSealedField } from '#secrets/secret-fields.ts'
import { secretPlace, type SecretPlace } from '#secrets/secret-place.ts'
import { SEALED_PREFIX, type Secrets } from '#secrets/secrets.ts'
import { secretNames } from '#operations/secrets/secret-names.ts'

export interface Resealed {
  /** Values that were sealed anew. */
  readonly resealed: number
  /** Values that do not open: their key is not there, or they are damaged. They stay as they are. */
  readonly unreadable: number
}

const PAGE = 200

/**
 * Seals with the current key what was sealed with another one (`everything`), or at least what lies
 * open from a time before there were keys. Page by page, each in a transaction of its own: broken off
 * anywhere, the next call goes on, and a secret that somebody sets meanwhile stays. Throws
 * `secret-key-none`.
 */
export async function resealSecrets(
  parts: { readonly catalog: Catalog; readonly secrets: Secrets; readonly log: Logger },
  which: 'everything' | 'open',
  signal?: AbortSignal,
): Promise<Resealed> {
  const { catalog, secrets, log } = parts
  if (secrets.currentKeyId === null) throw new MillraceError('secret-key-none')
  const done = which === 'everything' ? `${SEALED_PREFIX}${secrets.currentKeyId}:` : SEALED_PREFIX
  const count = { resealed: 0, unreadable: 0 }
  for (const column of await catalog.asSystem(sealedColumns)) {
    for (let after: SealedValue | null = null; ;) {
      signal?.throwIfAborted()
      const ask = { done, fields: secretNames, after, max: PAGE }
      const page: SealedValue[] = await catalog.asSystem((session) =>
        sealedValues(session, column, ask),
      )
      const fresh = page.flatMap((value) => {
        try {
          return [{ ...value, former: value.value, value: resealed(secrets, column, value) }]
        } catch (error) {
          const { code, message } = toErrorData(error)
          log.warn('a secret cannot be encrypted anew', { tenantId: value.tenantId, code, message })
          count.unreadable++
          return []
        }
      })
      if (fresh.length > 0) {
        count.resealed += await catalog.asSystem((session) => replaceSealed(session, column, fresh))
      }
      if (page.length < PAGE) break
      after = page.at(-1) ?? null
    }
  }
  return count
}

function resealed(secrets: Secrets, column: SealedColumn, row: SealedValue): string {
  const { tenantId, keys, value } = row
  if (!column.isJson) return again(secrets, value, secretPlace(tenantId, column.name, ...keys))
  const fields = JSON.parse(value) as Record<string, unknown>
  for (const name of secretNames) {
    const place = secretPlace(tenantId, `${column.name}.${name}`, ...keys)
    const field = fields[name]
    if (isSealedField(field)) fields[name] = { $secret: again(secrets, field.$secret, place) }
    else if (typeof field === 'string') fields[name] = { $secret: secrets.seal(field, place) }
  }
  return JSON.stringify(fields)
}

/** What does not look sealed lies open. */
function again(secrets: Secrets, stored: string, place: SecretPlace): string {
  const isSealed = stored.startsWith(SEALED_PREFIX)
  return secrets.seal(isSealed ? secrets.open(stored, place) : stored, place)
}
