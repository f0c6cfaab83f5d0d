import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

import pg from 'pg'

/** Folder of PostgreSQL's programs: MILLRACE_TEST_PG_BIN, the PATH, or Debian's newest; null: none. */
export function findPostgres(): string | null {
  const named = process.env['MILLRACE_TEST_PG_BIN']
  const installed = globSync('/usr/lib/postgresql/*/bin').toSorted(
    (a, b) => Number(b.split('/')[4]) - Number(a.split('/')[4]),
  )
  const folders = named ? [named] : [...(process.env['PATH'] ?? '').split(delimiter), ...installed]
  return (
    folders.find((folder) =>
      ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
    ) ?? null
  )
}

export interface PostgresServer {
  /** Address of a database on it, for its superuser. */
  url(database: string): string
  /** Ends it like a crash, or in order; `start` brings it back on the same port and data. */
  stop(how: 'crash' | 'orderly'): Promise<void>
  start(): Promise<void>
}

/**
 * A server of its own on a free port, gone when this process ends. As root it runs under `postgres`
 * or `nobody`, for it refuses to be root. `durable`: it waits for the disk, as outside of tests.
 */
export async function startPostgres(
  bin: string,
  { durable = false }: { readonly durable?: boolean } = {},
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-pg-'))
  const user = process.getuid?.() === 0 ? unprivilegedUser() : null
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    { ...user, cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'] } },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr || made.error?.message}`)
  const port = await freePort()
  const url = (database: string) => `postgresql://postgres@127.0.0.1:${port}/${database}`
  let server: ChildProcess | null = null

  async function start(): Promise<void> {
    // The shell ends the server when this process is gone and its end of the pipe with it.
    const fsync = `fsync=${durable ? 'on' : 'off'}`
    const settings = [fsync, 'listen_addresses=127.0.0.1', 'unix_socket_directories=']
    const options = settings.flatMap((setting) => ['-c', setting])
    server = spawn(
      'sh',
      [
        '-c',
        '"$@" 2>../server.log & pid=$!; trap "kill -QUIT $pid" TERM; trap "kill -INT $pid" INT; ' +
          '(read -r _; kill -QUIT $pid) <&3 & wait $pid; wait $pid',
        'sh',
        join(bin, 'postgres'),
        '-D',
        data,
        '-p',
        String(port),
        ...options,
      ],
      { ...user, cwd: data, stdio: ['ignore', 'ignore', 'ignore', 'pipe'] },
    )
    server.unref()
    ;(server.stdio[3] as unknown as { unref(): void }).unref()
    await reachable(url('postgres'))
  }

  async function stop(how: 'crash' | 'orderly'): Promise<void> {
    const running = server
    if (!running || running.exitCode !== null) return
    const ended = new Promise((resolve) => running.once('exit', resolve))
    running.ref()
    running.kill(how === 'crash' ? 'SIGTERM' : 'SIGINT')
    await ended
    // Else the shell that listens to it lives on, and the stream may keep this process from ending.
    ;(running.stdio[3] as unknown as { destroy(): void }).destroy()
    server = null
  }

  process.once('exit', () => {
    server?.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  })
  await start()
  return { url, start, stop }
}

function unprivilegedUser(): { uid: number; gid: number } {
  for (const name of ['postgres', 'nobody']) {
    const uid = Number(spawnSync('id', ['-u', name], { encoding: 'utf8' }).stdout)
    const gid = Number(spawnSync('id', ['-g', name], { encoding: 'utf8' }).stdout)
    if (uid > 0) return { uid, gid }
  }
  throw new Error(
    'root can run PostgreSQL only as another user, and there is no postgres or nobody',
  )
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

/** Asks until the server answers, for at most 30 seconds. */
async function reachable(url: string): Promise<void> {
  const until = performance.now() + 30_000
  for (;;) {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return await client.end()
    } catch (error) {
      await client.end().catch(() => {})
      if (performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
