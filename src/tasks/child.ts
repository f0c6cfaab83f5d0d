import { registerHooks } from 'node:module'
import { format } from 'node:util'
import { Worker } from 'node:worker_threads'

import type {
  ChildBatch,
  ChildFailure,
  ChildOutcome,
  ChildRequest,
  ChildResponse,
  FromChild,
  ToChild,
} from '#tasks/child-protocol.ts'
import type { TaskContext } from '#tasks/task-context.ts'

/**
 * Entry of a task child: carries out batches of background tasks, one task after the other, until
 * the channel closes. It holds nothing between tasks but the modules that it has loaded, and each
 * tenant has modules of its own: what a function keeps in a variable is not there for the next tenant.
 */

interface TaskModule {
  readonly payload?: unknown
  run(payload: unknown, context: TaskContext): unknown
}

let stopping = false
let current: { readonly index: number; readonly abort: AbortController } | null = null
let lastRequest = 0
const requests = new Map<number, PromiseWithResolvers<ChildResponse>>()
const codes = new Map<string, string>()
const modules = new Map<string, Promise<TaskModule>>()

function send(message: FromChild): void {
  process.send?.(message)
}

async function perform(batch: ChildBatch): Promise<void> {
  stopping = false
  for (const index of batch.tasks.keys()) {
    // Messages are read between tasks: `stop` is one of them.
    if (index > 0) await new Promise((resolve) => setImmediate(resolve))
    if (stopping) break
    send({ type: 'ended', index, outcome: await attempt(batch, index) })
  }
  send({ type: 'batch-ended' })
}

async function attempt(batch: ChildBatch, index: number): Promise<ChildOutcome> {
  const task = batch.tasks[index] as ChildBatch['tasks'][number]
  const abort = new AbortController()
  current = { index, abort }
  const startedMs = performance.now()
  const wallMs = () => performance.now() - startedMs
  try {
    const module = await moduleOf(batch)
    const payload = parsePayload(module, task.payload)
    const returned = await module.run(payload, contextOf(batch, index, abort.signal))
    return { result: toResult(returned), wallMs: wallMs() }
  } catch (thrown) {
    return { failure: failureOf(thrown), wallMs: wallMs() }
  } finally {
    current = null
  }
}

function contextOf(batch: ChildBatch, index: number, signal: AbortSignal): TaskContext {
  const {
    id,
    attempt: number,
    idempotencyKey,
    payload,
  } = batch.tasks[index] as ChildBatch['tasks'][number]
  return {
    id,
    name: batch.name,
    tenant: batch.tenant,
    attempt: number,
    idempotencyKey,
    payloadText: payload,
    signal,
    progress: (done, total, message) =>
      send({ type: 'progress', index, progress: { done, total, message } }),
    log: (message) => send({ type: 'log', index, message: String(message) }),
    request,
  }
}

function request(asked: ChildRequest): Promise<ChildResponse> {
  const id = ++lastRequest
  const answer = Promise.withResolvers<ChildResponse>()
  requests.set(id, answer)
  send({ type: 'request', id, request: asked })
  return answer.promise.finally(() => requests.delete(id))
}

class RefusedForGood extends Error {
  readonly retryable = false
}

function parsePayload(module: TaskModule, text: string): unknown {
  const payload: unknown = JSON.parse(text)
  const schema = module.payload as { parse?: (value: unknown) => unknown } | undefined
  if (typeof schema?.parse !== 'function') return payload
  try {
    return schema.parse(payload)
  } catch (error) {
    throw new RefusedForGood(`its payload does not fit: ${messageOf(error)}`, { cause: error })
  }
}

function toResult(returned: unknown): string | null {
  try {
    const text: string | undefined = JSON.stringify(returned)
    return text ?? null
  } catch (error) {
    throw new RefusedForGood(`its result is no JSON: ${messageOf(error)}`, { cause: error })
  }
}

/** An error may say `retryable: false`, or `retryAfterMs`. */
function failureOf(thrown: unknown): ChildFailure {
  const said = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    readonly retryable?: unknown
    readonly retryAfterMs?: unknown
  }
  const delay = said.retryAfterMs
  return {
    message: messageOf(thrown),
    retryable: said.retryable !== false,
    retryAfterMs: typeof delay === 'number' && delay >= 0 ? delay : null,
  }
}

function messageOf(thrown: unknown): string {
  return (thrown instanceof Error ? thrown.message : String(thrown)).slice(0, 4_000)
}

async function moduleOf({ codeVersion, code, tenant }: ChildBatch): Promise<TaskModule> {
  if (code !== null) codes.set(codeVersion, code)
  const name = `${codeVersion} ${tenant}`
  let module = modules.get(name)
  if (!module) {
    const text = Buffer.from(codes.get(codeVersion) ?? '')
    // Another address is another module, and what stands behind # changes nothing else.
    const address = `data:text/javascript;base64,${text.toString('base64')}#${tenant}`
    module = import(address).then((loaded: { default: TaskModule }) => loaded.default)
    modules.set(name, module)
  }
  return module
}

/** Bundles import the package by its name, wherever they lie. */
function resolvePackImports(): void {
  const here = import.meta.url
  const index = new URL(`../index${here.slice(here.lastIndexOf('.'))}`, here).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'millrace' ? { url: index, shortCircuit: true } : next(specifier, context),
  })
}

/** What a function prints is a line of its task's log. */
function logWhatIsPrinted(): void {
  const print = (...args: unknown[]) => {
    if (current) send({ type: 'log', index: current.index, message: format(...args) })
  }
  Object.assign(console, { log: print, info: print, warn: print, error: print, debug: print })
}

/** A function that never returns keeps this thread from seeing that the parent is gone; another one looks. */
function endWithParent(): void {
  const watch = `const parent = process.ppid; setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 500)`
  new Worker(watch, { eval: true }).unref()
}

process.on('message', (message: ToChild) => {
  switch (message.type) {
    case 'batch':
      return void perform(message.batch)
    case 'stop':
      stopping = true
      return
    case 'abort':
      if (current?.index === message.index) current.abort.abort(new Error(message.reason))
      return
    case 'response':
      requests.get(message.request)?.resolve(message.response)
      return
    case 'no-response':
      requests.get(message.request)?.reject(new Error(message.message))
  }
})
// The parent is gone, and with it whoever would read an answer.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches the whole process group; the parent decides when its children end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
resolvePackImports()
logWhatIsPrinted()
endWithParent()
