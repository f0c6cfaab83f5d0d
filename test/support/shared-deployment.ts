import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'

import { afterwards } from './afterwards.ts'
import { buildFolder } from './open-parts.ts'
import { testKeys } from './s3-server.ts'
import { testSecretKeyFile } from './secret-key.ts'

const main = join(import.meta.dirname, '..', '..', 'bin', 'millrace.js')
const operatorKey = 'operators-of-this-test-and-nobody-else'

/** One process of a deployment, as it said when it was ready. */
export interface DeploymentProcess {
  readonly address: string
  readonly child: ChildProcess
  readonly home: string
  /** SIGTERM, then its exit code. */
  stop(): Promise<number | null>
}

export interface SharedDeployment {
  /** What a process of it finds in its environment. */
  readonly env: Readonly<Record<string, string>>
  /** `serve --parts api,scheduler`, `worker --slots 1`: in a home of its own, on a free port. */
  start(...args: string[]): Promise<DeploymentProcess>
  /** The same on the machine of a process that has ended: in its home. */
  startIn(home: string, ...args: string[]): Promise<DeploymentProcess>
  /** A command in a home of its own; its standard output. Fails unless it ends with 0. */
  command(...args: string[]): Promise<string>
  /** A request with the operators' key. */
  ask<T>(address: string, tenant: string, path: string, body?: unknown): Promise<T>
}

export interface SharedPlaces {
  readonly databaseUrl: string
  readonly bucket: string
  readonly endpoint: string
  readonly env?: Readonly<Record<string, string>>
}

/** Processes that share nothing but a database and a bucket. */
export async function sharedDeployment(
  t: TestContext,
  places: SharedPlaces,
): Promise<SharedDeployment> {
  const folder = await buildFolder(t, 'millrace-shared')
  const keyFile = join(folder, 'operator.key')
  await writeFile(keyFile, `${operatorKey}\n`, { mode: 0o600 })
  let homes = 0
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    DATABASE_URL: places.databaseUrl,
    MILLRACE_LAKE: `s3://${places.bucket}/lake`,
    MILLRACE_S3_ENDPOINT: places.endpoint,
    AWS_ACCESS_KEY_ID: testKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testKeys.secretAccessKey,
    MILLRACE_OPERATOR_KEY_FILE: keyFile,
    MILLRACE_SECRET_KEY_FILE: await testSecretKeyFile(folder),
    MILLRACE_EGRESS_ALLOW: '127.0.0.1',
    MILLRACE_LEASE: '5s',
    MILLRACE_MEMORY: '512MiB',
    MILLRACE_LOG: 'warn',
    ...places.env,
  }

  async function newHome(): Promise<string> {
    const home = join(folder, `home-${++homes}`)
    await mkdir(home)
    return home
  }

  async function launch(home: string, args: readonly string[]): Promise<ChildProcess> {
    const child = spawn(process.execPath, [main, ...args], {
      env: { ...env, MILLRACE_HOME: home },
      cwd: home,
      stdio: ['ignore', 'pipe', process.env['MILLRACE_TEST_SHOW'] ? 'inherit' : 'ignore'],
    })
    afterwards(t, async () => void child.kill('SIGKILL'))
    return child
  }

  const deployment: SharedDeployment = {
    env,
    start: async (...args) => deployment.startIn(await newHome(), ...args),
    async startIn(home, ...args) {
      const child = await launch(home, [...args, '--port', '0', '--json'])
      const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
      const first = await Promise.race([once(lines, 'line'), once(child, 'exit')])
      if (typeof first[0] !== 'string') throw new Error(`${args.join(' ')} ended with ${first[0]}`)
      const { address } = JSON.parse(first[0]) as { address: string }
      return {
        address,
        child,
        home,
        async stop() {
          if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
          child.kill('SIGTERM')
          const [code] = (await once(child, 'exit')) as [number | null]
          return code
        },
      }
    },
    async command(...args) {
      const child = await launch(await newHome(), args)
      let out = ''
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
      const [code] = (await once(child, 'close')) as [number | null]
      if (code !== 0) throw new Error(`millrace ${args.join(' ')} ended with ${code}: ${out}`)
      return out
    },
    async ask<T>(address: string, tenant: string, path: string, body?: unknown) {
      const response = await fetch(address + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${operatorKey}`,
          'millrace-tenant': tenant,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const answer = (await response.json()) as T
      if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`)
      return answer
    },
  }
  return deployment
}

/** Asks again until the answer is there; errors count as "not yet". */
export async function until<T>(look: () => Promise<T | null>, withinMs = 180_000): Promise<T> {
  const end = performance.now() + withinMs
  let last: unknown = 'it never came'
  while (performance.now() < end) {
    try {
      const found = await look()
      if (found !== null) return found
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`not within ${withinMs} ms`, { cause: last })
}
