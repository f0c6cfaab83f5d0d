import { sha256 } from '#kernel/hash.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Random } from '#kernel/random.ts'

/** A key as its holder sees it, once: `mk_<id>_<secret><checksum>`; the catalog keeps its hash. */
export interface MintedKey {
  readonly id: string
  readonly key: string
  readonly hash: Uint8Array
}

const SECRET_BYTES = 24
const CHECKSUM_LENGTH = 6

/** `random` must be cryptographically strong. */
export function mintKey(ids: Ids, random: Random): MintedKey {
  return mintSecret(ids.next('mk'), random)
}

/** Another secret for the key of that id. */
export function mintSecret(id: string, random: Random): MintedKey {
  const body = `${id}_${Buffer.from(random.bytes(SECRET_BYTES)).toString('hex')}`
  const key = body + checksum(body)
  return { id, key, hash: hashOfKey(key) }
}

export function hashOfKey(key: string): Buffer {
  return Buffer.from(sha256(key), 'hex')
}

/** False for what cannot be a key (mistyped, cut short), without asking the catalog. */
export function isWellFormedKey(key: string): boolean {
  if (!/^mk_[0-9a-z]{16}_[0-9a-f]{54}$/.test(key)) return false
  const body = key.slice(0, -CHECKSUM_LENGTH)
  return key.endsWith(checksum(body))
}

function checksum(body: string): string {
  return sha256(body).slice(0, CHECKSUM_LENGTH)
}
