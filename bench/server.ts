import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { millrace, runUntilReady } from './process.ts'

/** A `millrace serve` of its own on a free port. */
export interface Server {
  readonly readyMs: number
  /** Reruns it and waits for the end; returns the milliseconds in between. */
  rerun(dataset: string, partition?: string): Promise<number>
  stop(): Promise<void>
}

interface RunAnswer {
  readonly run: { readonly id: string; readonly state: string } | null
  readonly revision?: string
}

export async function startServer(home: string): Promise<Server> {
  const program = millrace(home, 'serve', '--port', '0', '--json')
  const running = await runUntilReady(program, (stdout) => stdout.includes('\n'))
  const { address } = JSON.parse(running.stdout) as { address: string }
  const key = (await readFile(join(home, 'keys', 'local.key'), 'utf8')).trim()

  async function call(method: string, path: string, body?: unknown): Promise<RunAnswer> {
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        'millrace-tenant': 'default',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return JSON.parse(text) as RunAnswer
  }

  return {
    readyMs: running.readyMs,
    async rerun(dataset, partition) {
      const startedMs = performance.now()
      const request = { datasets: [dataset], mode: 'rerun', ...(partition ? { partition } : {}) }
      const { run } = await call('POST', '/v1/runs', request)
      if (!run) throw new Error(`a rerun of ${dataset} planned nothing`)
      let view = await call('GET', `/v1/runs/${run.id}`)
      while (view.run?.state === 'running') {
        view = await call('GET', `/v1/runs/${run.id}?after=${view.revision}`)
      }
      const wallMs = performance.now() - startedMs
      if (view.run?.state !== 'done') throw new Error(`the rerun ended ${view.run?.state}`)
      return wallMs
    },
    stop: running.stop,
  }
}
