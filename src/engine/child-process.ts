import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError, fromErrorData } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { JobCost } from '#model/outcome.ts'
import { subjectOf } from '#engine/child/job-error.ts'
import { residentBytes } from '#engine/resident-memory.ts'
import type { FromChild, Job, JobProgress, JobResult, ToChild } from '#engine/protocol.ts'

/** Between the interrupt and the kill. */
const GRACE_MS = 2000
const WATCH_MS = 100
const STDERR_TAIL = 2000

/** One engine child: idle → running → idle, or ended for good. */
export interface ChildProcess {
  readonly pid: number | undefined
  readonly usable: boolean
  readonly jobsDone: number
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>
  run(
    job: Job,
    onProgress: ((progress: JobProgress) => void) | undefined,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly result: JobResult; readonly cost: JobCost }>
  /** Kills it and waits for its end; a running job rejects with `engine-closed`. */
  end(): Promise<void>
}

interface ChildOptions {
  readonly log: Logger
  readonly clock: Clock
  /** Resident memory allowed beyond the job's own limit, for Node, code and allocator. */
  readonly allowanceBytes: number
}

/** Why the parent has stopped a job; the first reason stays. */
type StopReason = 'deadline' | 'cancelled' | 'memory' | 'closed'

interface Running {
  readonly id: number
  readonly job: Job
  readonly onProgress: ((progress: JobProgress) => void) | undefined
  stopped: StopReason | null
  readonly settle: (outcome: Extract<FromChild, { type: 'done' | 'failed' }>) => void
  readonly fail: (error: MillraceError) => void
}

export function startChild({ log, clock, allowanceBytes }: ChildOptions): ChildProcess {
  const child = fork(fileURLToPath(new URL(`./child${EXTENSION}`, import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    execArgv: [],
    env: childEnvironment(),
  })
  let tail = ''
  let usable = true
  let jobsDone = 0
  let lastId = 0
  let running: Running | null = null

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL)
  })
  child.on('error', (error) => onEnd(error.message))
  const ended = new Promise<void>((resolve) => {
    // `close` comes after the last of stderr, which explains a crash.
    child.on('close', (code, signal) => {
      onEnd(signal ? `signal ${signal}` : `exit code ${code}`)
      resolve()
    })
  })
  child.on('message', (message: FromChild) => {
    if (message.type === 'ready' || message.id !== running?.id) return
    if (message.type === 'progress') running.onProgress?.(message.progress)
    else running.settle(message)
  })

  function onEnd(ending: string): void {
    usable = false
    if (!running) return
    const { job, stopped } = running
    const detail = tail.trim() === '' ? ending : `${ending}: ${tail.trim()}`
    running.fail(stopped ? stopError(job, stopped) : crashError(job, detail))
  }

  function stop(reason: StopReason): void {
    if (!running || running.stopped) return
    running.stopped = reason
    if (reason === 'memory' || reason === 'closed') return void child.kill('SIGKILL')
    send({ type: 'cancel', id: running.id })
  }

  function send(message: ToChild): void {
    // A child that is already gone is reported by its `close` event.
    if (child.connected) child.send(message, () => {})
  }

  /** Deadline, kill and memory of one job, checked ten times a second. Returns what ends the watch. */
  function watch(job: Job): () => void {
    const startedMs = clock.monotonicMs()
    let stoppedMs: number | null = null
    const limitBytes = job.limits.memoryBytes + allowanceBytes
    const timer = setInterval(() => {
      const now = clock.monotonicMs()
      if (now - startedMs >= job.limits.deadlineMs) stop('deadline')
      if (running?.stopped) stoppedMs ??= now
      if (stoppedMs !== null && now - stoppedMs >= GRACE_MS) child.kill('SIGKILL')
      else if (child.pid !== undefined && (residentBytes(child.pid) ?? 0) > limitBytes)
        stop('memory')
    }, WATCH_MS)
    return () => clearInterval(timer)
  }

  return {
    get pid() {
      return child.pid
    },
    get usable() {
      return usable
    },
    get jobsDone() {
      return jobsDone
    },
    ended,
    async run(job, onProgress, signal) {
      const onAbort = () => stop('cancelled')
      const endWatch = watch(job)
      try {
        const outcome = await new Promise<Extract<FromChild, { type: 'done' | 'failed' }>>(
          (resolve, reject) => {
            const id = ++lastId
            running = { id, job, onProgress, stopped: null, settle: resolve, fail: reject }
            if (!usable) return onEnd(`pid ${child.pid} was gone`)
            send({ type: 'job', id, job })
            if (signal?.aborted) onAbort()
            else signal?.addEventListener('abort', onAbort, { once: true })
          },
        )
        if (outcome.type === 'done') return { result: outcome.result, cost: outcome.cost }
        if (outcome.broken) usable = false
        throw failureOf(job, outcome, readStop())
      } finally {
        endWatch()
        signal?.removeEventListener('abort', onAbort)
        running = null
        jobsDone++
      }
    },
    end() {
      usable = false
      if (running) stop('closed')
      else child.kill('SIGKILL')
      return ended
    },
  }

  function readStop(): StopReason | null {
    return running?.stopped ?? null
  }

  function failureOf(
    job: Job,
    outcome: Extract<FromChild, { type: 'failed' }>,
    stopped: StopReason | null,
  ): MillraceError {
    if (stopped) return stopError(job, stopped)
    const error = fromErrorData(outcome.error)
    log.debug('an engine job failed', { subject: subjectOf(job), code: error.code, pid: child.pid })
    if (outcome.partition === null) return error
    const details = { ...error.details, partition: outcome.partition }
    return new MillraceError(error.code, details, { cause: error.cause })
  }
}

function stopError(job: Job, reason: StopReason): MillraceError {
  const subject = subjectOf(job)
  switch (reason) {
    case 'deadline':
      return new MillraceError('engine-deadline', {
        subject,
        seconds: job.limits.deadlineMs / 1000,
      })
    case 'cancelled':
      return new MillraceError('engine-cancelled', { subject })
    case 'memory':
      return new MillraceError('engine-memory', {
        subject,
        limitMb: Math.round(job.limits.memoryBytes / 1e6),
      })
    case 'closed':
      return new MillraceError('engine-closed', { subject })
  }
}

function crashError(job: Job, ending: string): MillraceError {
  return new MillraceError('engine-crashed', { subject: subjectOf(job), ending })
}

/** `.ts` in the repository, `.js` in the published package. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'))

/** The child needs no credentials: it gets what starts Node, nothing else. */
function childEnvironment(): NodeJS.ProcessEnv {
  return { NODE_NO_WARNINGS: '1', TZ: 'UTC', LANG: 'C.UTF-8' }
}
