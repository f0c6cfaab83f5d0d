import { spawn, type ChildProcess } from 'node:child_process'
import { join, resolve } from 'node:path'

import { openMemorySampler } from './process-memory.ts'

const root = join(import.meta.dirname, '..')

export interface Finished {
  readonly wallMs: number
  readonly stdout: string
  /** Largest PSS of the process and all below it, in bytes; null when it was not asked for. */
  readonly peakMemoryBytes: number | null
}

/** A `.ts` or `.js` file as a Node process of its own; the path is relative to the repository. */
export interface Program {
  readonly path: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** The command line over a home of its own, as a person would start it. */
export function millrace(home: string, ...args: readonly string[]): Program {
  return { path: 'bin/millrace.js', args, env: { MILLRACE_HOME: home } }
}

/** Runs it to its end. Throws with all that it printed when it does not end with 0. */
export async function runToEnd(
  program: Program,
  options: { readonly memory?: boolean } = {},
): Promise<Finished> {
  const startedMs = performance.now()
  const child = start(program)
  const sampler = options.memory ? openMemorySampler(child.pid as number) : null
  const output = collect(child)
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const wallMs = performance.now() - startedMs
  const peakMemoryBytes = sampler?.stop() ?? null
  if (code !== 0) {
    const name = [program.path, ...program.args].join(' ')
    throw new Error(`${name} ended with ${String(code)}\n${output.stderr()}${output.stdout()}`)
  }
  return { wallMs, stdout: output.stdout(), peakMemoryBytes }
}

export interface Running {
  readonly child: ChildProcess
  /** From its start until `isReady` liked what it had printed. */
  readonly readyMs: number
  readonly stdout: string
  stop(): Promise<void>
}

/** Starts it and waits until its standard output satisfies `isReady`. */
export async function runUntilReady(
  program: Program,
  isReady: (stdout: string) => boolean,
): Promise<Running> {
  const startedMs = performance.now()
  const child = start(program)
  const output = collect(child)
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) =>
      reject(new Error(`${program.path} ended with ${code}\n${output.stderr()}${output.stdout()}`)),
    )
    child.stdout?.on('data', () => {
      if (isReady(output.stdout())) resolve()
    })
  })
  return {
    child,
    readyMs: performance.now() - startedMs,
    stdout: output.stdout(),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

function start({ path, args, env }: Program): ChildProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('MILLRACE_') && name !== 'DATABASE_URL',
  )
  return spawn(process.execPath, [resolve(root, path), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...Object.fromEntries(inherited), ...env },
  })
}

function collect(child: ChildProcess): { stdout(): string; stderr(): string } {
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout?.on('data', (data: Buffer) => out.push(data))
  child.stderr?.on('data', (data: Buffer) => err.push(data))
  return {
    stdout: () => Buffer.concat(out).toString(),
    stderr: () => Buffer.concat(err).toString(),
  }
}
