import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test, type TestContext } from 'node:test'

import { parseConfig } from '#app/config.ts'
import { readLock } from '#catalog/embedded-lock.ts'
import { runCommandLine } from '#cli/command-line.ts'
import { systemClock } from '#kernel/clock.ts'
import { captureTerminal } from '../../../test/support/capture-terminal.ts'
import { buildFolder } from '../../../test/support/open-parts.ts'

const main = join(import.meta.dirname, '..', 'main.ts')

interface Ready {
  readonly address: string
  readonly keys: readonly { readonly tenant: string; readonly key: string }[]
  readonly setupLink: string | null
  readonly health: { readonly state: string }
}

async function serve(t: TestContext, home: string, ...args: string[]) {
  const child = spawn(process.execPath, [main, 'serve', '--json', ...args], {
    env: { PATH: process.env['PATH'], MILLRACE_HOME: home, MILLRACE_LOG: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit'),
  ])) as [string]
  return { child, said: JSON.parse(line) as Ready }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

async function millrace(home: string, ...args: string[]) {
  const terminal = captureTerminal()
  const config = parseConfig({ MILLRACE_HOME: home })
  const code = await runCommandLine(args, { config, terminal, clock: systemClock })
  return { code, ...terminal.written }
}

test('a server is healthy, is found by the commands of its home, and stops when asked to', async (t) => {
  const home = await buildFolder(t)
  const { child, said } = await serve(t, home, '--port', '0')
  assert.equal(said.health.state, 'ok')
  assert.deepEqual(
    said.keys.map(({ tenant }) => tenant),
    ['default', 'demo'],
  )
  assert.equal((await fetch(`${said.address}/readyz`)).status, 200)
  const authorization = `Bearer ${said.keys[1]?.key}`
  const status = await fetch(`${said.address}/v1/status`, { headers: { authorization } })
  assert.equal(((await status.json()) as { tenant: string }).tenant, 'demo')

  const doctor = await millrace(home, 'doctor', '--json')
  assert.equal((JSON.parse(doctor.out) as { server: string }).server, said.address)
  const demo = await millrace(home, 'status', '--tenant', 'demo', '--json')
  assert.equal((JSON.parse(demo.out) as { tenant: string }).tenant, 'demo')
  assert.equal((await stat(join(home, 'keys', 'local.key'))).mode & 0o777, 0o600)

  const second = await millrace(home, 'serve', '--port', '0')
  assert.equal(second.code, 4)
  assert.match(second.err, new RegExp(`${child.pid}`))
  const port = new URL(said.address).port
  const elsewhere = await millrace(await buildFolder(t), 'serve', '--port', port)
  assert.equal(elsewhere.code, 4)
  assert.match(elsewhere.err, new RegExp(`port ${port} on 127\\.0\\.0\\.1 is in use`))

  child.kill('SIGTERM')
  assert.equal(await exitOf(child), 0)
  assert.equal(await readLock(home), null)
})

test('the first person comes in by a link of the start; there is none once somebody is in', async (t) => {
  const home = await buildFolder(t)
  const first = await serve(t, home, '--port', '0')
  const { address, setupLink } = first.said
  const [page = '', token = ''] = (setupLink ?? '').split('#token=')
  assert.equal(page, `${address}/setup`)
  assert.equal((await fetch(page)).status, 200)
  const setUp = (withToken: string, email: string) =>
    fetch(`${address}/v1/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        token: withToken,
        email,
        name: 'A',
        password: 'graue Katze 17 Meter',
      }),
    })
  assert.equal((await setUp(token, 'a@x.org')).status, 200)
  assert.equal((await setUp(token, 'b@x.org')).status, 404)
  const printed = await millrace(home, 'setup-link')
  assert.equal(printed.code, 0)
  const another = /#token=(\S+)/.exec(printed.out)?.[1] ?? ''
  assert.equal((await setUp(another, 'b@x.org')).status, 200, 'a way back in for operators')
  first.child.kill('SIGTERM')
  await exitOf(first.child)
  const second = await serve(t, home, '--port', '0')
  assert.equal(second.said.setupLink, null)
})
