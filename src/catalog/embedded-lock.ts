import { link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { isAlive, processStart } from '#catalog/process-identity.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'

/** What the lock of a Millrace home says about its owner. */
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

/** A lock file's content: an owner, or nobody any more. */
type Entry = LockOwner | { readonly pid: null }

/**
 * Takes the home for this process. Throws `home-locked` naming the owner's pid and address.
 *
 * The folder `lock/` holds numbered files, and the highest number is the lock: its owner is alive,
 * or the home is free. To take a free home is to create the next number, which only one process can
 * do (`link` of a complete draft: a file appears whole, or not at all). The highest file is never
 * removed, only rewritten when its owner leaves; lower ones are removed later. So a process that
 * was slow and created a number that had been removed sees a higher one, and gives way.
 */
export async function acquireLock(
  home: string,
  options: {
    readonly address: string | null
    readonly clock: Clock
    /** Between looking and taking: where a test makes a slow process. */
    readonly pause?: () => Promise<void>
  },
): Promise<EmbeddedLock> {
  const folder = join(home, 'lock')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  let owner: LockOwner = {
    pid: process.pid,
    processStart: await processStart(process.pid),
    address: options.address,
    started: options.clock.now().toISOString(),
  }
  const number = await takeNumber(home, folder, owner, options.pause)
  await removeBelow(folder, number - 1)

  return {
    get owner() {
      return owner
    },
    async update(change) {
      owner = { ...owner, ...change }
      await rewrite(folder, number, owner)
    },
    release: () => rewrite(folder, number, { pid: null }),
  }
}

/** The living owner of a home, or null when nobody holds it. */
export async function readLock(home: string): Promise<LockOwner | null> {
  const folder = join(home, 'lock')
  return livingOwner(folder, await highestNumber(folder))
}

async function takeNumber(
  home: string,
  folder: string,
  owner: LockOwner,
  pause: (() => Promise<void>) | undefined,
): Promise<number> {
  const draft = draftOf(folder)
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 })
  try {
    for (;;) {
      const highest = await highestNumber(folder)
      const holder = await livingOwner(folder, highest)
      if (holder) throw locked(home, holder)
      await pause?.()
      if (!(await created(draft, join(folder, fileOf(highest + 1))))) continue
      if ((await highestNumber(folder)) === highest + 1) return highest + 1
      await rm(join(folder, fileOf(highest + 1)), { force: true })
    }
  } finally {
    await rm(draft, { force: true })
  }
}

async function created(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function rewrite(folder: string, number: number, entry: Entry): Promise<void> {
  const draft = draftOf(folder)
  await writeFile(draft, JSON.stringify(entry), { mode: 0o600 })
  await rename(draft, join(folder, fileOf(number)))
}

/** Removes lower numbers, and drafts of processes that died over them. */
async function removeBelow(folder: string, number: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const [leading = ''] = name.split(/[-.]/)
    const obsolete = name.endsWith('.draft')
      ? !isAlive(Number(leading))
      : name.endsWith('.json') && Number(leading) < number
    if (obsolete) await rm(join(folder, name), { force: true })
  }
}

async function highestNumber(folder: string): Promise<number> {
  return Math.max(0, ...(await numbers(folder)))
}

async function numbers(folder: string): Promise<number[]> {
  try {
    const names = await readdir(folder)
    return names.filter((name) => /^\d+\.json$/.test(name)).map((name) => Number.parseInt(name, 10))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** A file that is gone by now was not the highest any more; the caller looks again. */
async function livingOwner(folder: string, number: number): Promise<LockOwner | null> {
  if (number === 0) return null
  let entry: Entry
  try {
    entry = JSON.parse(await readFile(join(folder, fileOf(number)), 'utf8')) as Entry
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return null
    throw error
  }
  if (entry.pid === null || !isAlive(entry.pid)) return null
  const start = await processStart(entry.pid)
  const same = start === null || entry.processStart === null || start === entry.processStart
  return same ? entry : null
}

function fileOf(number: number): string {
  return `${String(number).padStart(8, '0')}.json`
}

let drafts = 0

function draftOf(folder: string): string {
  return join(folder, `${process.pid}-${++drafts}.draft`)
}

function locked(home: string, owner: LockOwner): MillraceError {
  return new MillraceError('home-locked', {
    folder: home,
    pid: owner.pid,
    address: owner.address ?? 'which serves no address',
    started: owner.started,
  })
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
