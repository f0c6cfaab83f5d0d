import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { JobCost } from '#model/outcome.ts'
import { startChild } from '#engine/child-process.ts'
import type { ChildProcess } from '#engine/child-process.ts'
import { subjectOf } from '#engine/child/job-error.ts'
import type { Job, JobProgress, JobResult } from '#engine/protocol.ts'

export type ResultOf<J extends Job> = Extract<JobResult, { kind: J['kind'] }>

export interface RunOptions {
  readonly onProgress?: ((progress: JobProgress) => void) | undefined
  /** Aborting interrupts the job, kills its process if it does not end within 2 s, and rejects. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs jobs in child processes. A caller may assume: whatever a job does (crash, hang, eat memory),
 * this process is not harmed, and the promise settles at most 2 s after the job's deadline, with a
 * MillraceError whose details hold `partition` where the fault is known to lie in one of a batch.
 * A job waits until one of the `slots` is free; its deadline counts from its start.
 */
export interface Engine {
  run<J extends Job>(
    job: J,
    options?: RunOptions,
  ): Promise<{ readonly result: ResultOf<J>; readonly cost: JobCost }>
  /** Starts a child ahead of the first job: it is ready by the time that a plan is made. */
  warm(): void
  /** Ends all children; running jobs reject with `engine-closed`. */
  close(): Promise<void>
}

export interface EngineOptions {
  /** Jobs at the same time; one warm child is kept ready for each, started when first needed. */
  readonly slots: number
  readonly log: Logger
  readonly clock: Clock
  /** Jobs after which a child is replaced, so that what leaks (imported modules) stays small. Default 200. */
  readonly jobsPerChild?: number
  /** What a child may hold beyond `limits.memoryBytes` before it is killed. Default 400 MB. */
  readonly memoryAllowanceBytes?: number
}

interface Waiting {
  readonly start: (child: ChildProcess) => void
  readonly refuse: (error: MillraceError) => void
  readonly subject: string
}

/** Nothing is started before `warm` or the first job; then one child more than is busy stays warm, up to `slots`. */
export function openEngine(options: EngineOptions): Engine {
  const { slots, log, clock } = options
  const jobsPerChild = options.jobsPerChild ?? 200
  const allowanceBytes = options.memoryAllowanceBytes ?? 400e6
  const idle: ChildProcess[] = []
  const all = new Set<ChildProcess>()
  const queue: Waiting[] = []
  let busy = 0
  let closed = false

  function addChild(): ChildProcess {
    const child = startChild({ log, clock, allowanceBytes })
    all.add(child)
    void child.ended.then(() => {
      all.delete(child)
      const at = idle.indexOf(child)
      if (at >= 0) idle.splice(at, 1)
    })
    return child
  }

  function warm(): void {
    if (!closed && idle.length === 0 && busy < slots) idle.push(addChild())
  }

  function dispatch(): void {
    while (!closed && busy < slots) {
      const next = queue.shift()
      if (!next) break
      busy++
      next.start(idle.pop() ?? addChild())
    }
  }

  function release(child: ChildProcess): void {
    busy--
    if (closed || !child.usable || child.jobsDone >= jobsPerChild) void child.end()
    else idle.push(child)
    dispatch()
    warm()
  }

  function claim(subject: string, signal: AbortSignal | undefined): Promise<ChildProcess> {
    if (closed) throw new MillraceError('engine-closed', { subject })
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        const at = queue.indexOf(waiting)
        if (at < 0) return
        queue.splice(at, 1)
        reject(new MillraceError('engine-cancelled', { subject }, { cause: signal?.reason }))
      }
      const waiting: Waiting = {
        subject,
        start: (child) => {
          signal?.removeEventListener('abort', onAbort)
          resolve(child)
        },
        refuse: reject,
      }
      if (signal?.aborted) {
        return reject(new MillraceError('engine-cancelled', { subject }, { cause: signal.reason }))
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      queue.push(waiting)
      dispatch()
    })
  }

  return {
    async run<J extends Job>(job: J, { onProgress, signal }: RunOptions = {}) {
      const child = await claim(subjectOf(job), signal)
      warm()
      try {
        const { result, cost } = await child.run(job, onProgress, signal)
        return { result: result as ResultOf<J>, cost }
      } finally {
        release(child)
      }
    },
    warm,
    async close() {
      closed = true
      for (const waiting of queue.splice(0)) {
        waiting.refuse(new MillraceError('engine-closed', { subject: waiting.subject }))
      }
      await Promise.all(Array.from(all, (child) => child.end()))
    },
  }
}
