import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'

/** A key of AES-256 and its name, which is derived from it. */
export interface SecretKey {
  readonly id: string
  readonly bytes: Buffer
}

const KEY_BYTES = 32
const BASE64_KEY = /^[A-Za-z0-9+/]{43}=$/

/** Keys that stand in the guide; whoever copies one has a key that everybody knows. */
const sampleKeys: readonly string[] = ['MILLRACEsampleKEYmillraceSAMPLEkeyMillrace0=']

/**
 * The keys of a file: one a line, 32 bytes in base64; the first seals, all of them open. Empty lines
 * and lines that begin with `#` say nothing. Throws `secret-key-unusable`, which repeats no key.
 */
export function parseKeyRing(text: string, file: string): SecretKey[] {
  const refuse = (problem: string): never => {
    throw new MillraceError('secret-key-unusable', { file, problem })
  }
  const keys: SecretKey[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const at = `line ${index + 1}`
    if (!BASE64_KEY.test(line)) refuse(`${at} is not ${KEY_BYTES} bytes in base64`)
    const bytes = Buffer.from(line, 'base64')
    if (sampleKeys.includes(line)) refuse(`${at} is the sample key of the guide`)
    if (new Set(bytes).size < 8) refuse(`${at} was not made by chance`)
    const id = keyIdOf(bytes)
    if (keys.some((key) => key.id === id)) refuse(`${at} repeats the key ${id}`)
    keys.push({ id, bytes })
  }
  if (keys.length === 0) refuse('it holds no key')
  return keys
}

/** A line for the file of keys. `bytes` are 32 and strong. */
export function keyLine(bytes: Uint8Array): string {
  return `${Buffer.from(bytes).toString('base64')}\n`
}

function keyIdOf(bytes: Uint8Array): string {
  return sha256(Buffer.concat([Buffer.from('millrace secret key\0'), bytes])).slice(0, 8)
}
