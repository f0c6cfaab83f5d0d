import { rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Logger } from '#kernel/logger.ts'
import type { JobCost } from '#model/outcome.ts'
import { openJail, type JailTurn } from '#engine/jail/jail.ts'
import { followFile, type FollowedFile } from '#engine/readers/follow-file.ts'
import { createFairSlots } from '#engine/readers/fair-slots.ts'
import type { QueryJob, QueryOptions, Readers } from '#engine/readers/query-job.ts'
import { openReaderPool, type Turn } from '#engine/readers/reader-pool.ts'
import { OUT_FILE, type ReaderTask, type TaskResult } from '#engine/readers/reader-protocol.ts'
import { canLoseLastRow, takeAnswer } from '#engine/readers/take-answer.ts'

export interface ReadersOptions {
  /** Existing private folder, of this process alone. */
  readonly folder: string
  /** Queries at the same time, each in a child process of its own. */
  readonly slots: number
  /** Of one tenant; default: half of them, at least one. */
  readonly slotsPerTenant?: number
  /** Queries of one tenant that may wait. Default 100. */
  readonly waitingMax?: number
  /** Of one engine instance. */
  readonly memoryBytes: number
  readonly threads: number
  readonly clock: Clock
  readonly log: Logger
  /** SQL of customers is run where this machine has a jail that holds. Default: it is not. */
  readonly customerSql?: boolean
  /** Instances that one child keeps. Default 64. */
  readonly instancesPerChild?: number
  /** An instance that nobody has used for so long is closed. Default five minutes. */
  readonly idleMs?: number
  /** Queries after which an instance is opened anew. Default 1000. */
  readonly queriesPerInstance?: number
}

/** `parse` and `explain` run nothing that could take long. */
const PLANNING = { deadlineMs: 10_000, bytesMax: Number.MAX_SAFE_INTEGER }

export function openReaders(options: ReadersOptions): Readers {
  const { clock, slots } = options
  let averageMs = 50
  const fair = createFairSlots({
    slots,
    slotsPerTenant: options.slotsPerTenant ?? Math.max(1, Math.floor(slots / 2)),
    waitingMax: options.waitingMax ?? 100,
    averageMs: () => averageMs,
  })
  const pool = openReaderPool(options)
  const jail = openJail({ ...options, isWanted: options.customerSql ?? false })

  /** One task in a slot of the tenant's; `take` sees the folder with the answer before it is reused. */
  async function inSlot<T>(
    about: Pick<QueryJob, 'tenantId' | 'subject' | 'trust'> & Partial<QueryJob>,
    task: ReaderTask,
    limits: QueryJob['limits'],
    { signal, onProgress }: QueryOptions,
    take: (found: Found) => Promise<T>,
  ): Promise<T> {
    const { tenantId, subject, trust } = about
    const release = await fair.claim(tenantId, subject, signal)
    const startedMs = clock.monotonicMs()
    try {
      const perform = async ({ process, setup, folder, task: own = task }: AnyTurn) => {
        const request = { subject, setup, folder, task: own, signal, onProgress, ...limits }
        const outPath = join(folder, OUT_FILE)
        const followed = isAppended(about) ? followFile(outPath, clock) : null
        try {
          const { result, cost } = await process.run(request)
          return await take({ result, cost, outPath, followed })
        } catch (error) {
          await rm(outPath, { force: true })
          throw error
        } finally {
          await followed?.stop()
        }
      }
      const attempt = () =>
        trust === 'customer' ? jail.use(tenantId, task, perform) : pool.use(tenantId, perform)
      try {
        return await attempt()
      } catch (error) {
        if (!isCrash(error) || signal?.aborted) throw error
        options.log.warn('the process under a query ended, trying it in another one', { error })
        return await attempt()
      }
    } finally {
      averageMs += (clock.monotonicMs() - startedMs - averageMs) / 20
      release()
    }
  }

  return {
    run(job, runOptions = {}) {
      return inSlot(job, queryTask(job), job.limits, runOptions, async (found) => {
        const { result, cost, outPath, followed } = found
        if (result.kind !== 'query') throw wrongKind(result)
        const { rows, more, columns } = result
        const taken = await takeAnswer(outPath, job, { rows, more }, followed)
        return { rows, more, columns, cost, ...taken }
      })
    },

    parse({ tenantId, sql, trust }, runOptions = {}) {
      const about = { tenantId, subject: 'the SQL', trust }
      return inSlot(about, { kind: 'parse', sql }, PLANNING, runOptions, async ({ result }) => {
        if (result.kind !== 'parse') throw wrongKind(result)
        return { tables: result.tables, parameters: result.parameters }
      })
    },

    explain(job, runOptions = {}) {
      const { inputs, sql, parameters } = job
      const task = { kind: 'explain', inputs, inputsKey: keyOf(inputs), sql, parameters } as const
      return inSlot(job, task, PLANNING, runOptions, async ({ result }) => {
        if (result.kind !== 'explain') throw wrongKind(result)
        return { columns: result.columns, plan: result.plan }
      })
    },

    customerSqlProblem: () => jail.problem(),

    warm: () => pool.warm(),

    async close() {
      fair.close()
      await Promise.all([pool.close(), jail.close()])
    },
  }
}

type AnyTurn = Turn & Partial<Pick<JailTurn, 'task'>>

interface Found {
  readonly result: TaskResult
  readonly cost: JobCost
  /** The answer's file; of the next task, as soon as this one is done with it. */
  readonly outPath: string
  readonly followed: FollowedFile | null
}

/**
 * COPY of all rows only ever appends to its file; one of too many rows begins it again. A process
 * that runs SQL of customers is not believed, so what it wrote is read when it has no more to say.
 */
function isAppended({ to, rowsMax, trust }: Partial<QueryJob>): boolean {
  return to?.kind === 'file' && rowsMax === null && trust === 'company'
}

function queryTask(job: QueryJob): ReaderTask {
  const { inputs, sql, parameters, format, cells, rowsMax, to } = job
  const exact = !canLoseLastRow(format, to)
  const inputsKey = keyOf(inputs)
  return { kind: 'query', inputs, inputsKey, sql, parameters, format, cells, rowsMax, exact }
}

function keyOf(inputs: QueryJob['inputs']): string {
  return sha256(JSON.stringify(inputs))
}

function isCrash(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'engine-crashed'
}

function wrongKind({ kind }: TaskResult): MillraceError {
  return new MillraceError('internal', { message: `a reader answered ${kind} to something else` })
}
