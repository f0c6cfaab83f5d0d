import { argon2, timingSafeEqual } from 'node:crypto'

import { MillraceError } from '#kernel/errors.ts'
import type { Random } from '#kernel/random.ts'

/**
 * Passwords as PHC strings of argon2id. Each run takes a thread and 19 MiB for some 50 ms: two run at
 * a time, a few more wait, and whoever comes then is told to come again, so that a flood of sign-ins
 * takes neither the memory nor the time of everything else.
 */
export interface PasswordHash {
  /** A PHC string for what people type, whatever Unicode form their keyboard gives it. */
  hash(password: string): Promise<string>
  /**
   * Takes the same time whether there is a password (null: there is none) and whether it fits.
   * `stale`: it was hashed with other parameters than are used now. Throws `sign-in-busy`.
   */
  verify(password: string, phc: string | null): Promise<{ fits: boolean; stale: boolean }>
  /** How often argon2 has run. */
  readonly runs: number
}

interface Cost {
  readonly memoryKib: number
  readonly passes: number
  readonly parallelism: number
}

/** The advice of OWASP's Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane. */
const COST: Cost = { memoryKib: 19_456, passes: 2, parallelism: 1 }
const SALT_BYTES = 16
const TAG_BYTES = 32
const RUNNING_MAX = 2
const WAITING_MAX = 64
const FORM =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{16,86})$/

/** `random` must be cryptographically strong. */
export function createPasswordHash(random: Random, cost: Cost = COST): PasswordHash {
  let runs = 0
  let running = 0
  const waiting: (() => void)[] = []

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= RUNNING_MAX) {
      if (waiting.length >= WAITING_MAX) throw new MillraceError('sign-in-busy')
      await new Promise<void>((resolve) => void waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      // The place goes on to the next one who waits.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }

  function derive(password: string, salt: Uint8Array, size: number, by: Cost): Promise<Buffer> {
    runs++
    const message = Buffer.from(password.normalize('NFKC'), 'utf8')
    const { memoryKib: memory, passes, parallelism } = by
    const parameters = { message, nonce: salt, tagLength: size, memory, passes, parallelism }
    return new Promise((resolve, reject) => {
      argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)))
    })
  }

  // Of a password that nobody has.
  const dummy = { salt: random.bytes(SALT_BYTES), tag: Buffer.from(random.bytes(TAG_BYTES)), cost }

  return {
    get runs() {
      return runs
    },
    async hash(password) {
      const salt = random.bytes(SALT_BYTES)
      const tag = await inTurn(() => derive(password, salt, TAG_BYTES, cost))
      const { memoryKib, passes, parallelism } = cost
      return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`
    },
    async verify(password, phc) {
      const stored = phc === null ? null : parse(phc)
      const { salt, tag, cost: by } = stored ?? dummy
      const found = await inTurn(() => derive(password, salt, tag.length, by))
      const isEqual = timingSafeEqual(found, tag)
      const stale = JSON.stringify(by) !== JSON.stringify(cost)
      return { fits: stored !== null && isEqual, stale }
    },
  }
}

function parse(phc: string): { salt: Buffer; tag: Buffer; cost: Cost } {
  const [, memory, passes, parallelism, salt = '', tag = ''] = FORM.exec(phc) ?? []
  if (memory === undefined) throw new Error('a stored password is no PHC string of argon2id')
  const cost = {
    memoryKib: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  }
  return { salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64'), cost }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}
