import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'

import { MillraceError } from '#kernel/errors.ts'
import type { Random } from '#kernel/random.ts'
import type { SecretKey } from '#secrets/key-ring.ts'
import type { SecretPlace } from '#secrets/secret-place.ts'

/**
 * Secrets that must be used again, and so cannot be hashed, are sealed before they reach the catalog
 * and opened where they are used, nowhere between. Sealed text is `enc:v1:<key id>:<base64url>` of
 * nonce (12 bytes), ciphertext and tag (16 bytes) of AES-256-GCM.
 */
export interface Secrets {
  /** Of the key that seals; null: there is no key, and `seal` throws `secret-key-none`. */
  readonly currentKeyId: string | null
  /** Keys that open. */
  readonly keyIds: readonly string[]
  seal(plain: string, place: SecretPlace): string
  /** Throws `secret-key-missing`, `secret-damaged` (another place counts as damage). */
  open(sealed: string, place: SecretPlace): string
  /**
   * Keys (32 bytes) for one purpose, the current one first: the same in every process that has the
   * same file of keys, and nothing can be told of those from them. None where there is no key.
   */
  keysFor(purpose: string): readonly Uint8Array[]
}

/** What every sealed text begins with. */
export const SEALED_PREFIX = 'enc:v1:'
const FORM = /^enc:v1:([0-9a-f]{8}):([A-Za-z0-9_-]{38,})$/
const ALGORITHM = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const DERIVED_BYTES = 32

/** The first key seals. */
export function openSecrets(keys: readonly SecretKey[], random: Random): Secrets {
  const [current] = keys
  return {
    currentKeyId: current?.id ?? null,
    keyIds: keys.map(({ id }) => id),

    seal(plain, place) {
      if (!current) throw new MillraceError('secret-key-none')
      const nonce = random.bytes(NONCE_BYTES)
      const cipher = createCipheriv(ALGORITHM, current.bytes, nonce).setAAD(bindingOf(place))
      const parts = [nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]
      return `${SEALED_PREFIX}${current.id}:${Buffer.concat(parts).toString('base64url')}`
    },

    open(sealed, place) {
      const [, id, body = ''] = FORM.exec(sealed) ?? []
      const damaged = (cause?: unknown) =>
        new MillraceError('secret-damaged', { place: place.place }, { cause })
      if (id === undefined) throw damaged()
      const key = keys.find((candidate) => candidate.id === id)
      if (!key) throw new MillraceError('secret-key-missing', { key: id, place: place.place })
      const bytes = Buffer.from(body, 'base64url')
      // What base64url leaves unused at its end must not be changed either.
      if (bytes.toString('base64url') !== body) throw damaged()
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const tag = bytes.subarray(-TAG_BYTES)
      const options = { authTagLength: TAG_BYTES }
      const decipher = createDecipheriv(ALGORITHM, key.bytes, nonce, options)
      decipher.setAAD(bindingOf(place)).setAuthTag(tag)
      try {
        const plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES))
        return Buffer.concat([plain, decipher.final()]).toString('utf8')
      } catch (error) {
        throw damaged(error)
      }
    },

    keysFor: (purpose) =>
      keys.map(({ bytes }) => {
        const info = `millrace key for ${purpose}`
        return new Uint8Array(hkdfSync('sha256', bytes, '', info, DERIVED_BYTES))
      }),
  }
}

/** The key that sealed it; null: this is no sealed text. */
export function sealedBy(text: string): string | null {
  return FORM.exec(text)?.[1] ?? null
}

function bindingOf({ tenantId, place }: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([SEALED_PREFIX, tenantId, place]))
}
