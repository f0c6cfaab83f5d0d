import type { Clock } from '#kernel/clock.ts'

/** What the lock file of a Millrace home says about its owner. */
export interface LockOwner {
  readonly pid: number
  /** Start of the process as the kernel counts it, against reused pids; null where it cannot be told. */
  readonly processStart: string | null
  /** Where the owner's server listens; null while it has none (a command that opened the catalog itself). */
  readonly address: string | null
  readonly started: string
}

export interface EmbeddedLock {
  readonly owner: LockOwner
  update(change: { readonly address: string | null }): Promise<void>
  release(): Promise<void>
}

/** Takes the home for this process. Throws `home-locked` naming the owner's pid and address. */
export async function acquireLock(
  _folder: string,
  _options: { readonly address: string | null; readonly clock: Clock },
): Promise<EmbeddedLock> {
  throw new Error('to be written')
}

/** The living owner of a home, or null when nobody holds it. */
export async function readLock(_folder: string): Promise<LockOwner | null> {
  throw new Error('to be written')
}
