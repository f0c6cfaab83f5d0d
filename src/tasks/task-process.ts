import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { TaskProgress } from '#catalog/background-tasks.ts'
import type { Egress } from '#egress/egress.ts'
import { residentBytes } from '#engine/resident-memory.ts'
import type { Logger } from '#kernel/logger.ts'
import type {
  ChildBatch,
  ChildOutcome,
  ChildRequest,
  FromChild,
  ToChild,
} from '#tasks/child-protocol.ts'

/** One task child: idle → carries out a batch → idle, or ended for good. */
export interface TaskProcess {
  readonly isUsable: boolean
  readonly pid: number | undefined
  /** Resolves when all that was begun has ended, or the process has; `ending` says how it did then. */
  run(batch: ChildBatch, listener: BatchListener): Promise<{ readonly ending: string | null }>
  /** Begins no further task of the batch. */
  stop(): void
  /** Aborts the signal of a task, if it is the one under way. */
  abort(index: number, reason: string): void
  kill(): void
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>
}

export interface BatchListener {
  ended(index: number, outcome: ChildOutcome): void
  progress(index: number, progress: TaskProgress): void
  log(index: number, message: string): void
  /** It holds more than it may, and is being killed. */
  tooLarge(): void
}

export interface TaskProcessOptions {
  readonly egress: Egress
  readonly log: Logger
  readonly memoryBytes: number
}

const WATCH_MS = 250
const OUTPUT_TAIL = 2_000
/** Node, its code, and what the allocator keeps. */
const ALLOWANCE_BYTES = 100 * 1024 * 1024
const ANSWER_BYTES_MAX = 10 * 1024 * 1024

export function startTaskProcess({ egress, log, memoryBytes }: TaskProcessOptions): TaskProcess {
  const heapMb = Math.max(64, Math.floor(memoryBytes / (1024 * 1024)))
  const child = fork(fileURLToPath(new URL(`./child${EXTENSION}`, import.meta.url)), {
    serialization: 'json',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [`--max-old-space-size=${heapMb}`],
    // No credentials of the server's: it gets what starts Node, nothing else.
    env: { NODE_NO_WARNINGS: '1', TZ: 'UTC', LANG: 'C.UTF-8' },
  })
  const gone = new AbortController()
  const sentVersions = new Set<string>()
  let isUsable = true
  let tail = ''
  let listener: BatchListener | null = null
  let finish: ((ending: string | null) => void) | null = null

  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-OUTPUT_TAIL)
    })
  }
  child.on('error', (error) => onEnd(error.message))
  const ended = new Promise<void>((resolve) => {
    // `close` comes after the last of stderr, which explains a crash.
    child.on('close', (code, signal) => {
      onEnd(signal ? `signal ${signal}` : `exit code ${code}`)
      resolve()
    })
  })
  child.on('message', (message: FromChild) => {
    switch (message.type) {
      case 'ended':
        return listener?.ended(message.index, message.outcome)
      case 'batch-ended':
        return finish?.(null)
      case 'progress':
        return listener?.progress(message.index, message.progress)
      case 'log':
        return listener?.log(message.index, message.message)
      case 'request':
        return void answer(message.id, message.request)
    }
  })

  function onEnd(how: string): void {
    isUsable = false
    gone.abort(new Error('the process that asked is gone'))
    const lines = tail.trim()
    finish?.(lines === '' ? how : `${how}: ${lines}`)
  }

  function send(message: ToChild): void {
    // A child that is already gone is reported by its `close` event.
    if (child.connected) child.send(message, () => {})
  }

  /** Code may be large, and most batches are of the same. */
  function sendBatch(batch: ChildBatch): void {
    const code = sentVersions.has(batch.codeVersion) ? null : batch.code
    sentVersions.add(batch.codeVersion)
    send({ type: 'batch', batch: { ...batch, code } })
  }

  async function answer(request: number, asked: ChildRequest): Promise<void> {
    try {
      const { method, url, headers, body, timeoutMs } = asked
      const {
        status,
        headers: got,
        body: bytes,
      } = await egress.request({
        method,
        url,
        headers,
        body,
        timeoutMs,
        maxBytes: ANSWER_BYTES_MAX,
        signal: gone.signal,
      })
      const plain = Object.entries(got).map(([name, value]) => [name, String(value)])
      const response = { status, headers: Object.fromEntries(plain), text: bytes.toString('utf8') }
      send({ type: 'response', request, response })
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      send({ type: 'no-response', request, message })
    }
  }

  return {
    get isUsable() {
      return isUsable
    },
    get pid() {
      return child.pid
    },
    ended,
    async run(batch, own) {
      const watch = setInterval(() => {
        if (child.pid === undefined) return
        if ((residentBytes(child.pid) ?? 0) <= memoryBytes + ALLOWANCE_BYTES) return
        own.tooLarge()
        child.kill('SIGKILL')
      }, WATCH_MS)
      try {
        const ending = await new Promise<string | null>((resolve) => {
          listener = own
          finish = resolve
          if (isUsable) sendBatch(batch)
          else resolve('it was gone before it began')
        })
        if (ending !== null) log.debug('a task process ended', { pid: child.pid, ending })
        return { ending }
      } finally {
        clearInterval(watch)
        listener = null
        finish = null
      }
    },
    stop: () => send({ type: 'stop' }),
    abort: (index, reason) => send({ type: 'abort', index, reason }),
    kill() {
      isUsable = false
      child.kill('SIGKILL')
    },
  }
}

/** `.ts` in the repository, `.js` in the published package. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
