import { chmod, copyFile, link, mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { jailProblem } from '#engine/jail/jail-facts.ts'
import { JAIL_IN, JAIL_OUT, startJailedChild, type JailedChild } from '#engine/jail/jailed-child.ts'
import { superviseReader, type ReaderProcess } from '#engine/readers/reader-process.ts'
import type { InstanceSetup, ReaderTask } from '#engine/readers/reader-protocol.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'

/**
 * Runs SQL that customers have written in processes that were started ahead. One is bound to a tenant
 * and to one set of that tenant's files by its first tasks, sees nothing else of the machine, and is
 * thrown away soon after: what the next statement over the same files finds is what it found.
 */
export interface Jail {
  /** Throws `customer-sql-off` where this machine has no jail that holds. */
  use<T>(tenantId: number, task: ReaderTask, work: (turn: JailTurn) => Promise<T>): Promise<T>
  /** Why there is no jail on this machine; null: there is one. Tried out once. */
  problem(): Promise<string | null>
  close(): Promise<void>
}

export interface JailTurn {
  readonly process: ReaderProcess
  readonly setup: InstanceSetup
  /** Where the answer comes to lie, as this process sees it. */
  readonly folder: string
  /** With the names that its files have inside. */
  readonly task: ReaderTask
}

export interface JailOptions {
  readonly folder: string
  /** False: the operators do not want it. */
  readonly isWanted: boolean
  readonly memoryBytes: number
  readonly clock: Clock
  readonly log: Logger
}

interface Cell extends JailedChild {
  readonly process: ReaderProcess
  /** The files that it was given; null: none yet. */
  files: string | null
  tasks: number
  lastMs: number
}

/** Of one file: an answer, or what is spilled. */
const FILE_BYTES_MAX = 2e9
const SPILL_BYTES_MAX = 1e9
const ALLOWANCE_BYTES = 300e6
const TRIAL_MS = 10_000
/** For the tasks of one question, and those that ask the same again. */
const KEPT_MS = 10_000
const TASKS_MAX = 100
/** The process that was started ahead ends when no customer has asked for so long. */
const SPARE_MS = 300_000

export function openJail(options: JailOptions): Jail {
  const { clock, log, memoryBytes } = options
  const cells = new Set<Cell>()
  let made = 0
  let usedMs = 0
  let closed = false
  /** Bound and idle, by tenant. */
  const bound = new Map<number, Cell>()
  let spare: Promise<Cell> | null = null
  let verdict: Promise<string | null> | null = null

  async function build(): Promise<Cell> {
    const folder = join(options.folder, `jail-${++made}`)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const jailed = await startJailedChild(folder, { fileBytesMax: FILE_BYTES_MAX })
    const { child, workerPid } = jailed
    const process = superviseReader(child, { clock, allowanceBytes: ALLOWANCE_BYTES, workerPid })
    const cell = { ...jailed, process, files: null, tasks: 0, lastMs: clock.monotonicMs() }
    cells.add(cell)
    void process.ended.then(() => {
      cells.delete(cell)
      return rm(folder, { recursive: true, force: true }).catch(() => {})
    })
    if (closed) void process.end()
    return cell
  }

  function setupOf(tenantId: number): InstanceSetup {
    return { tenantId, folder: JAIL_OUT, memoryBytes, threads: 1, spillBytesMax: SPILL_BYTES_MAX }
  }

  async function tryOut(): Promise<string | null> {
    if (!options.isWanted) return 'the setting MILLRACE_CUSTOMER_SQL is off'
    if (process.platform !== 'linux') return 'it needs Linux'
    const cell = await build()
    const mustHide = ['/etc/passwd', '/etc/shadow', '/var/lib', '/sys/kernel', options.folder]
    const mustNotWrite = ['/', '/usr', '/dev', '/proc', JAIL_IN, '/jail']
    try {
      const { result } = await cell.process.run({
        subject: 'the jail',
        setup: setupOf(0),
        folder: cell.outFolder,
        task: { kind: 'facts', paths: [...mustHide, ...mustNotWrite, JAIL_OUT] },
        deadlineMs: TRIAL_MS,
        bytesMax: 1,
        signal: undefined,
        onProgress: undefined,
      })
      if (result.kind !== 'facts') return 'its process gave another answer'
      const serverIsRoot = process.getuid?.() === 0
      return jailProblem(result, { mustHide, mustNotWrite, serverIsRoot })
    } catch (error) {
      // What follows the first line is a trace of its process.
      const [message = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
      return `this machine does not let it be made (${message.slice(0, 200)})`
    } finally {
      await cell.process.end()
    }
  }

  async function problem(): Promise<string | null> {
    verdict ??= tryOut().then((found) => {
      if (found === null) log.info('SQL of customers runs in a jail')
      else log.info('SQL of customers is off', { reason: found })
      return found
    })
    return verdict
  }

  async function take(tenantId: number, files: string | null): Promise<Cell> {
    const known = bound.get(tenantId)
    if (known) {
      bound.delete(tenantId)
      const fits = files === null || known.files === null || known.files === files
      if (fits && known.process.usable) return known
      void known.process.end()
    }
    const ready = spare ?? build()
    spare = build()
    return ready
  }

  function giveBack(tenantId: number, cell: Cell): void {
    cell.lastMs = usedMs = clock.monotonicMs()
    const isSpent = closed || !cell.process.usable || cell.tasks >= TASKS_MAX
    if (isSpent || bound.has(tenantId)) void cell.process.end()
    else bound.set(tenantId, cell)
  }

  function endSpare(): void {
    void spare?.then(({ process }) => process.end()).catch(() => {})
    spare = null
  }

  const tidying = setInterval(() => {
    if (spare && clock.monotonicMs() - usedMs > SPARE_MS) endSpare()
    for (const [tenantId, cell] of bound) {
      if (clock.monotonicMs() - cell.lastMs < KEPT_MS) continue
      bound.delete(tenantId)
      void cell.process.end()
    }
  }, KEPT_MS / 10)
  tidying.unref()

  return {
    problem,
    async use(tenantId, task, work) {
      const reason = await problem()
      if (reason !== null) throw new MillraceError('customer-sql-off', { reason })
      if (closed) throw new MillraceError('engine-closed', { subject: 'a query' })
      const files = filesOf(task)
      const cell = await take(tenantId, files)
      try {
        const { process, outFolder } = cell
        const inside = await bringIn(task, cell)
        cell.files ??= files
        cell.tasks++
        return await work({ process, setup: setupOf(tenantId), folder: outFolder, task: inside })
      } finally {
        giveBack(tenantId, cell)
      }
    },
    async close() {
      closed = true
      clearInterval(tidying)
      await spare?.catch(() => {})
      await Promise.all(Array.from(cells, ({ process }) => process.end()))
    },
  }
}

/** The set of files that a task reads, as one text; null: it reads none. */
function filesOf(task: ReaderTask): string | null {
  if (task.kind !== 'query' && task.kind !== 'explain') return null
  const paths = new Set(task.inputs.flatMap(({ files }) => files.map(({ path }) => path)))
  return JSON.stringify([...paths].toSorted())
}

/** The task with its files linked into the jail, or copied where they cannot be. */
async function bringIn(task: ReaderTask, cell: Cell): Promise<ReaderTask> {
  const files = filesOf(task)
  if (files === null || (task.kind !== 'query' && task.kind !== 'explain')) return task
  const names = new Map((JSON.parse(files) as string[]).map((path, at) => [path, `${at}.parquet`]))
  if (cell.files === null) {
    for (const [path, name] of names) await linkOrCopy(path, join(cell.inFolder, name))
  }
  const inside = (path: string) => `${JAIL_IN}/${names.get(path)}`
  const inputs = task.inputs.map((input) => ({
    ...input,
    files: input.files.map(({ path, partitions }) => ({ path: inside(path), partitions })),
  }))
  return { ...task, inputs }
}

const READABLE_BY_ALL = 0o004

async function linkOrCopy(path: string, to: string): Promise<void> {
  const { mode } = await stat(path)
  const isLinked =
    (mode & READABLE_BY_ALL) !== 0 &&
    (await link(path, to).then(
      () => true,
      () => false,
    ))
  if (isLinked) return
  await copyFile(path, to)
  await chmod(to, 0o444)
}
