import type { ChildProcess as NodeChild } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError, fromErrorData } from '#kernel/errors.ts'
import type { JobCost } from '#model/outcome.ts'
import {
  OUT_FILE,
  type FromReader,
  type InstanceSetup,
  type ReaderTask,
  type TaskResult,
  type ToReader,
} from '#engine/readers/reader-protocol.ts'
import { processorMs, setNice } from '#engine/readers/process-share.ts'
import { residentBytes } from '#engine/resident-memory.ts'

/** Between the interrupt and the kill. */
const GRACE_MS = 2000
const WATCH_MS = 100
const STDERR_TAIL = 2000
/** What has used the processor for longer than this goes on with what the others leave of the processors. */
const SLOW_MS = 500
const SLOW_NICE = 10

export interface TaskRequest {
  readonly subject: string
  readonly setup: InstanceSetup
  /** Where this process sees the folder of `setup`; the child may have it under another name. */
  readonly folder: string
  readonly task: ReaderTask
  readonly deadlineMs: number
  /** The answer may not become larger. */
  readonly bytesMax: number
  readonly signal: AbortSignal | undefined
  readonly onProgress: ((progress: { readonly bytes: number }) => void) | undefined
}

/** One child with its instances: idle → running → idle, or ended for good. */
export interface ReaderProcess {
  readonly pid: number | undefined
  readonly usable: boolean
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>
  run(request: TaskRequest): Promise<{ readonly result: TaskResult; readonly cost: JobCost }>
  /** Closes a tenant's instance; only while nothing runs. */
  drop(tenantId: number): void
  /** Kills it and waits for its end; a running task rejects with `engine-closed`. */
  end(): Promise<void>
}

/** Why the parent has stopped a task; the first reason stays. */
type StopReason = 'deadline' | 'cancelled' | 'memory' | 'closed' | 'size'
type Ending = Extract<FromReader, { type: 'done' | 'failed' }>

interface Running {
  readonly id: number
  readonly request: TaskRequest
  stopped: StopReason | null
  readonly settle: (ending: Ending) => void
  readonly fail: (error: MillraceError) => void
}

interface Supervision {
  readonly clock: Clock
  /** Resident memory beyond one instance's limit, for Node, code and other instances. */
  readonly allowanceBytes: number
  /** Where the process that works is not `child` itself but one that it has started. */
  readonly workerPid?: () => number | undefined
}

export function superviseReader(
  child: NodeChild,
  { clock, allowanceBytes, workerPid = () => child.pid }: Supervision,
): ReaderProcess {
  let tail = ''
  let usable = true
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
  child.on('message', (message: FromReader) => {
    if (message.type !== 'ready' && message.id === running?.id) running.settle(message)
  })

  function onEnd(ending: string): void {
    usable = false
    if (!running) return
    const { request, stopped } = running
    const detail = tail.trim() === '' ? ending : `${ending}: ${tail.trim()}`
    running.fail(
      stopped
        ? stopError(request, stopped)
        : new MillraceError('engine-crashed', { subject: request.subject, ending: detail }),
    )
  }

  function stop(reason: StopReason): void {
    if (!running || running.stopped) return
    running.stopped = reason
    if (reason === 'memory' || reason === 'closed') return kill()
    send({ type: 'cancel', id: running.id })
  }

  function kill(): void {
    const pid = workerPid()
    try {
      if (pid !== undefined && pid !== child.pid) process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
    child.kill('SIGKILL')
  }

  function memoryBytes(): number {
    const pid = workerPid()
    return pid === undefined ? 0 : (residentBytes(pid) ?? 0)
  }

  function send(message: ToReader): void {
    // A child that is already gone is reported by its `close` event.
    if (child.connected) child.send(message, () => {})
  }

  /** Deadline, kill, memory and size of one task, ten times a second. Returns what ends the watch. */
  function watch({ setup, folder, deadlineMs, bytesMax, task, onProgress }: TaskRequest) {
    const startedMs = clock.monotonicMs()
    let stoppedMs: number | null = null
    let isSlow = false
    const usedMs = processorMs(workerPid()) ?? 0
    const limitBytes = setup.memoryBytes + allowanceBytes
    const outPath = join(folder, OUT_FILE)
    const watchSize = async () => {
      const sizeBytes = await stat(outPath).then(
        ({ size }) => size,
        () => 0,
      )
      if (sizeBytes > bytesMax) stop('size')
      if (running) onProgress?.({ bytes: sizeBytes })
    }
    const timer = setInterval(() => {
      const now = clock.monotonicMs()
      if (now - startedMs >= deadlineMs) stop('deadline')
      if (!isSlow && (processorMs(workerPid()) ?? 0) - usedMs >= SLOW_MS) {
        isSlow = true
        setNice(workerPid(), SLOW_NICE)
      }
      if (running?.stopped) stoppedMs ??= now
      if (stoppedMs !== null && now - stoppedMs >= GRACE_MS) kill()
      else if (memoryBytes() > limitBytes) stop('memory')
      else if (task.kind === 'query') void watchSize()
    }, WATCH_MS)
    return () => {
      clearInterval(timer)
      // Only root may be quick again; anybody else's process is replaced.
      if (isSlow && !setNice(workerPid(), 0)) usable = false
    }
  }

  return {
    get pid() {
      return child.pid
    },
    get usable() {
      return usable
    },
    ended,
    async run(request) {
      const { subject, setup, task, signal } = request
      const onAbort = () => stop('cancelled')
      const endWatch = watch(request)
      let stopped: StopReason | null = null
      try {
        const ending = await new Promise<Ending>((resolve, reject) => {
          const id = ++lastId
          running = { id, request, stopped: null, settle: resolve, fail: reject }
          if (!usable) return onEnd(`pid ${child.pid} was gone`)
          send({ type: 'task', id, subject, setup, task })
          if (signal?.aborted) onAbort()
          else signal?.addEventListener('abort', onAbort, { once: true })
        })
        stopped = readStop()
        if (ending.type === 'done' && stopped !== 'size') return ending
        if (ending.type === 'failed' && ending.broken) usable = false
        if (stopped) throw stopError(request, stopped)
        throw ending.type === 'failed' ? fromErrorData(ending.error) : stopError(request, 'size')
      } finally {
        endWatch()
        signal?.removeEventListener('abort', onAbort)
        running = null
      }
    },
    drop: (tenantId) => send({ type: 'drop', tenantId }),
    end() {
      usable = false
      if (running) stop('closed')
      else kill()
      return ended
    },
  }

  function readStop(): StopReason | null {
    return running?.stopped ?? null
  }
}

function stopError(request: TaskRequest, reason: StopReason): MillraceError {
  const { subject, setup, deadlineMs, bytesMax, signal } = request
  switch (reason) {
    case 'deadline':
      return new MillraceError('engine-deadline', { subject, seconds: deadlineMs / 1000 })
    case 'memory':
      return new MillraceError('engine-memory', {
        subject,
        limitMb: Math.round(setup.memoryBytes / 1e6),
      })
    case 'size':
      return new MillraceError('answer-too-large', {
        subject,
        limitMb: Math.max(1, Math.round(bytesMax / 1e6)),
      })
    case 'cancelled':
      return new MillraceError('engine-cancelled', { subject }, { cause: signal?.reason })
    case 'closed':
      return new MillraceError('engine-closed', { subject })
  }
}
