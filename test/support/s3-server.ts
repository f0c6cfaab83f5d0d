import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'

import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3'

export const testKeys = { accessKeyId: 'test', secretAccessKey: 'test' } as const

export interface S3Server {
  /** Registers a test that needs the server; without one, a single skip line stands for all of them. */
  test(title: string, body: (t: TestContext) => Promise<void>): void
  readonly endpoint: string
  readonly client: S3Client
  /** Makes a bucket of the test's own. */
  bucket(name: string): Promise<string>
  put(
    bucket: string,
    key: string,
    body: string | Uint8Array,
    more?: Partial<PutObjectCommandInput>,
  ): Promise<void>
}

const START_MS_MAX = 30_000
const NOT_FOUND = 'moto_server is not on PATH (pip install "moto[server]")'

/**
 * A real S3-speaking server (Python's `moto_server`, found on PATH) for the tests of one file,
 * started before the first and stopped after the last one. Where it is not installed the tests are
 * skipped; with MILLRACE_TEST_REQUIRE=s3 that is a failure.
 */
export function useS3Server(): S3Server {
  const program = findOnPath('moto_server')
  if (program === null && (process.env['MILLRACE_TEST_REQUIRE'] ?? '').split(',').includes('s3')) {
    throw new Error('MILLRACE_TEST_REQUIRE names s3, but moto_server is not on PATH')
  }
  let running: { child: ChildProcess; endpoint: string; client: S3Client } | undefined
  const started = () => {
    if (running) return running
    throw new Error('the S3 server runs only while tests run')
  }
  if (program !== null) {
    before(async () => {
      const { child, endpoint } = await start(program)
      const { S3Client } = await import('@aws-sdk/client-s3')
      const client = new S3Client({
        endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { ...testKeys },
        requestChecksumCalculation: 'WHEN_REQUIRED',
      })
      running = { child, endpoint, client }
    })
    after(async () => {
      running?.client.destroy()
      if (running) await stop(running.child)
    })
  }
  let skipped = false
  return {
    test(title, body) {
      if (program !== null) test(title, body)
      else if (!skipped) test('tests against a real S3 server', { skip: NOT_FOUND })
      skipped = true
    },
    get endpoint() {
      return started().endpoint
    },
    get client() {
      return started().client
    },
    async bucket(name) {
      const { CreateBucketCommand } = await import('@aws-sdk/client-s3')
      await started().client.send(new CreateBucketCommand({ Bucket: name }))
      return name
    },
    async put(bucket, key, body, more) {
      const { PutObjectCommand } = await import('@aws-sdk/client-s3')
      const input = { Bucket: bucket, Key: key, Body: body, ...more }
      await started().client.send(new PutObjectCommand(input))
    },
  }
}

async function start(program: string): Promise<{ child: ChildProcess; endpoint: string }> {
  const port = await freePort()
  const child = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  // A test process that is killed leaves no server behind.
  process.once('exit', () => child.kill('SIGKILL'))
  const endpoint = `http://127.0.0.1:${port}`
  const until = performance.now() + START_MS_MAX
  while (performance.now() < until && child.exitCode === null) {
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    )
    if (answered) return { child, endpoint }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`moto_server did not answer at ${endpoint} within ${START_MS_MAX} ms`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

export function findOnPath(program: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, program)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not here.
    }
  }
  return null
}
