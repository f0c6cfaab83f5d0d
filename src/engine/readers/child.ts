import { readdirSync } from 'node:fs'

import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { toErrorData } from '#kernel/errors.ts'
import { isInternalError } from '#engine/child/job-error.ts'
import { startMeasuring } from '#engine/child/job-cost.ts'
import { toQueryError } from '#engine/readers/reader-error.ts'
import { jailFacts } from '#engine/jail/jail-facts.ts'
import type { FromReader, ToReader } from '#engine/readers/reader-protocol.ts'
import { createTenantEngine, type TenantEngine } from '#engine/readers/tenant-engine.ts'

/**
 * Entry of a reader's child: answers `task` messages one at a time until the channel closes. It keeps
 * an instance for each tenant, which share nothing but the process.
 */

/** Parses for all of them, runs nothing and reaches no file. */
const parser = openDuckdbParser()
const engines = new Map<number, TenantEngine>()
let current: { readonly id: number; readonly abort: AbortController } | null = null

function send(message: FromReader): void {
  process.send?.(message)
}

function engineOf(setup: Extract<ToReader, { type: 'task' }>['setup']): TenantEngine {
  const known = engines.get(setup.tenantId)
  if (known) return known
  const engine = createTenantEngine(setup, parser.serializeSql)
  engines.set(setup.tenantId, engine)
  return engine
}

async function perform({ id, subject, setup, task }: Extract<ToReader, { type: 'task' }>) {
  const abort = new AbortController()
  current = { id, abort }
  const costSoFar = startMeasuring()
  if (task.kind === 'facts') {
    current = null
    const result = { kind: 'facts', ...jailFacts(task.paths, readdirSync('/proc')) } as const
    return send({ type: 'done', id, result, cost: costSoFar() })
  }
  const engine = engineOf(setup)
  abort.signal.addEventListener('abort', () => engine.interrupt())
  // An interrupt that arrives between two statements is lost; it is repeated until the task ends.
  const repeat = setInterval(() => abort.signal.aborted && engine.interrupt(), 100)
  try {
    const result = await engine.run(subject, task)
    send({ type: 'done', id, result, cost: costSoFar() })
  } catch (thrown) {
    const error = toErrorData(toQueryError(subject, setup.memoryBytes, thrown))
    send({ type: 'failed', id, error, broken: isInternalError(thrown) })
  } finally {
    clearInterval(repeat)
    current = null
  }
}

process.on('message', (message: ToReader) => {
  switch (message.type) {
    case 'task':
      void perform(message)
      break
    case 'cancel':
      if (current?.id === message.id) current.abort.abort()
      break
    case 'drop':
      engines.get(message.tenantId)?.close()
      engines.delete(message.tenantId)
  }
})
// The parent is gone, and with it whoever would read an answer or obey a deadline. An orderly exit
// would wait for the threads of a query that may never end.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches the whole process group; the parent decides when its children end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
send({ type: 'ready' })
