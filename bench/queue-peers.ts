import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'

import pg from 'pg'

import type { PostgresServer } from '../test/support/postgres-server.ts'
import { findOnPath } from '../test/support/s3-server.ts'
import type { QueueFigures, QueueScenario, ScenarioSize } from './queue-scenario.ts'

/** A queue that can be asked for scenarios, each in a process and a database of its own. */
export interface MeasuredQueue {
  readonly name: string
  measure(scenario: QueueScenario, size: ScenarioSize): Promise<QueueFigures>
}

/** Why a peer cannot be measured here. */
export interface MissingQueue {
  readonly name: string
  readonly missing: string
}

const folder = join(import.meta.dirname, 'peers')
const cache = join(import.meta.dirname, '..', 'build', 'bench')
const CELERY = 'celery[redis]==5.5.3'
const SCENARIO_MS_MAX = 240_000

export function millraceQueue(server: PostgresServer): MeasuredQueue {
  const script = join(import.meta.dirname, 'queue-millrace.ts')
  return {
    name: 'Millrace',
    measure: (scenario, size) =>
      onOwnDatabase(server, (url) =>
        run(process.execPath, [script, scenario, url, JSON.stringify(size)]),
      ),
  }
}

/** The peers, installed on demand into bench/peers and build/bench; never part of `npm ci`. */
export async function openPeers(
  server: PostgresServer,
  say: (line: string) => void,
): Promise<{ peers: (MeasuredQueue | MissingQueue)[]; close(): void }> {
  const npm = installNodePeers(say)
  const redis = await startRedis()
  const nodePeer = (name: string, place: 'postgres' | 'redis'): MeasuredQueue | MissingQueue => {
    if (npm !== null) return { name, missing: npm }
    if (place === 'redis' && redis === null) return { name, missing: 'redis-server is not on PATH' }
    const script = join(folder, 'queues', 'run.ts')
    const measure = (address: string, scenario: QueueScenario, size: ScenarioSize) =>
      run(process.execPath, [script, name, scenario, address, JSON.stringify(size)])
    return {
      name,
      measure: (scenario, size) =>
        place === 'postgres'
          ? onOwnDatabase(server, (url) => measure(url, scenario, size))
          : onEmptyRedis(redis as Redis, (url) => measure(url, scenario, size)),
    }
  }
  return {
    peers: [
      nodePeer('pg-boss', 'postgres'),
      nodePeer('graphile-worker', 'postgres'),
      nodePeer('bullmq', 'redis'),
      celery(redis, say),
    ],
    close: () => redis?.stop(),
  }
}

/** Null: they are there; else why not. */
function installNodePeers(say: (line: string) => void): string | null {
  if (existsSync(join(folder, 'node_modules', 'pg-boss'))) return null
  say('installing pg-boss, graphile-worker and BullMQ into bench/peers')
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
  const made = spawnSync('npm', ['install', ...options], { cwd: folder, encoding: 'utf8' })
  return made.status === 0 ? null : `npm install: ${lastLine(made.stderr)}`
}

function celery(redis: Redis | null, say: (line: string) => void): MeasuredQueue | MissingQueue {
  const name = 'Celery'
  if (redis === null) return { name, missing: 'redis-server is not on PATH' }
  const home = join(cache, 'celery')
  const python = join(home, 'bin', 'python')
  if (!existsSync(join(home, 'bin', 'celery'))) {
    say('installing Celery into build/bench')
    const made = spawnSync('python3', ['-m', 'venv', home], { encoding: 'utf8' })
    if (made.status !== 0)
      return { name, missing: `python3 -m venv: ${lastLine(made.stderr ?? '')}` }
    const pip = spawnSync(python, ['-m', 'pip', 'install', '-q', CELERY], { encoding: 'utf8' })
    if (pip.status !== 0) return { name, missing: `pip install: ${lastLine(pip.stderr)}` }
  }
  const script = join(folder, 'queues', 'celery_app.py')
  return {
    name,
    measure: (scenario, size) =>
      onEmptyRedis(redis, (url) => run(python, [script, scenario, url, JSON.stringify(size)])),
  }
}

interface Redis {
  readonly port: number
  stop(): void
}

/** In memory alone, as queues on Redis are usually run; null where it is not installed. */
async function startRedis(): Promise<Redis | null> {
  const program = findOnPath('redis-server')
  if (program === null) return null
  const port = await freePort()
  const options = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]
  const child = spawn(program, options, { stdio: 'ignore' })
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    port,
    stop() {
      process.off('exit', kill)
      kill()
    },
  }
}

async function onEmptyRedis<T>(redis: Redis, work: (url: string) => Promise<T>): Promise<T> {
  spawnSync('redis-cli', ['-p', String(redis.port), 'flushall'])
  return work(`redis://127.0.0.1:${redis.port}/0`)
}

async function onOwnDatabase<T>(
  server: PostgresServer,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const name = `bench_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: server.url('postgres') })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name}`)
    return await work(server.url(name))
  } finally {
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`)
    await client.end()
  }
}

/** Runs it to its end and reads its last line. Throws with what it said when it fails. */
async function run(program: string, args: readonly string[]): Promise<QueueFigures> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const tooLong = setTimeout(() => child.kill('SIGKILL'), SCENARIO_MS_MAX)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(tooLong)
  if (code !== 0)
    throw new Error(`${args.slice(0, 3).join(' ')} ended with ${code}: ${err.slice(-1_500)}`)
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as QueueFigures
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
