import { randomBytes } from 'node:crypto'

/** The only source of randomness; a seed makes a run repeatable. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** `size` random bytes; cryptographically strong for {@link systemRandom} only. */
  bytes(size: number): Uint8Array
}

/** A few bytes cost as much as thousands, so they are drawn ahead; each is given once. */
const AHEAD_BYTES = 4096
let ahead = Buffer.alloc(0)

function systemBytes(size: number): Uint8Array {
  if (size > AHEAD_BYTES / 16) return randomBytes(size)
  if (ahead.length < size) ahead = randomBytes(AHEAD_BYTES)
  const drawn = Buffer.from(ahead.subarray(0, size))
  ahead.fill(0, 0, size)
  ahead = ahead.subarray(size)
  return drawn
}

export const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  bytes: systemBytes,
}

/** Deterministic generator (mulberry32, Tommy Ettinger 2017): for samples and tests, never for keys. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    bytes: (size) => Uint8Array.from({ length: size }, () => Math.floor(next() * 256)),
  }
}
