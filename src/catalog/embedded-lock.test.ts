import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { acquireLock, readLock } from '#catalog/embedded-lock.ts'
import { systemClock } from '#kernel/clock.ts'

const options = { address: null, clock: systemClock }

async function buildHome(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-lock-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  return home
}

/** Another process that takes the lock, tells how that went, and stays. */
const script = `
  import { acquireLock } from '#catalog/embedded-lock.ts'
  import { systemClock } from '#kernel/clock.ts'
  process.once('message', async (home) => {
    try {
      await acquireLock(home, { address: 'http://127.0.0.1:7420', clock: systemClock })
      process.send('taken')
      setInterval(() => {}, 60_000)
    } catch (error) {
      process.send(error.code + ': ' + error.message)
      process.disconnect()
    }
  })
  process.send('up')
`

async function startProcess(t: TestContext): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', script], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  t.after(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

async function take(child: ChildProcess, home: string): Promise<string> {
  const answer = once(child, 'message')
  child.send(home)
  return String((await answer)[0])
}

test('the lock names its owner and its address until it is released', async (t) => {
  const home = await buildHome(t)
  assert.equal(await readLock(home), null)
  const lock = await acquireLock(home, options)
  await lock.update({ address: 'http://127.0.0.1:1' })
  const owner = await readLock(home)
  assert.equal(owner?.pid, process.pid)
  assert.equal(owner?.address, 'http://127.0.0.1:1')
  await lock.release()
  assert.equal(await readLock(home), null)
  await (await acquireLock(home, options)).release()
})

test('a second process is refused, told the pid and the address', async (t) => {
  const home = await buildHome(t)
  const child = await startProcess(t)
  assert.equal(await take(child, home), 'taken')
  await assert.rejects(acquireLock(home, options), (error: Error) => {
    assert.equal((error as { code?: string }).code, 'home-locked')
    assert.match(error.message, new RegExp(`process ${child.pid}, http://127.0.0.1:7420`))
    return true
  })
})

test('the lock of a killed process is taken over', async (t) => {
  const home = await buildHome(t)
  const child = await startProcess(t)
  assert.equal(await take(child, home), 'taken')
  child.kill('SIGKILL')
  await once(child, 'exit')
  assert.equal(await readLock(home), null)
  const lock = await acquireLock(home, options)
  assert.equal((await readLock(home))?.pid, process.pid)
  await lock.release()
})

test('a pid that belongs to a later process now holds nothing', async (t) => {
  const home = await buildHome(t)
  await (await acquireLock(home, options)).release()
  const [name] = await readdir(join(home, 'lock'))
  const owner = { pid: process.pid, processStart: 'another boot:1', address: null, started: '' }
  await writeFile(join(home, 'lock', name ?? ''), JSON.stringify(owner))
  assert.equal(await readLock(home), null)
  await (await acquireLock(home, options)).release()
})

test('of twenty that start at once on a stale lock exactly one gets it', async (t) => {
  const home = await buildHome(t)
  const dead = await startProcess(t)
  await take(dead, home)
  dead.kill('SIGKILL')
  await once(dead, 'exit')
  const children: ChildProcess[] = []
  for (let index = 0; index < 20; index++) children.push(await startProcess(t))
  const answers = await Promise.all(children.map((child) => take(child, home)))
  assert.equal(answers.filter((answer) => answer === 'taken').length, 1, answers.join('\n'))
  assert.equal(answers.filter((answer) => answer.startsWith('home-locked')).length, 19)
})

test('however takers and leavers race, nobody holds it together with another', async (t) => {
  const home = await buildHome(t)
  let holders = 0
  let taken = 0
  const taker = async () => {
    for (let attempt = 0; attempt < 25; attempt++) {
      const lock = await acquireLock(home, options).catch(() => null)
      if (!lock) continue
      holders += 1
      taken += 1
      assert.equal(holders, 1)
      await readLock(home)
      holders -= 1
      await lock.release()
    }
  }
  await Promise.all(Array.from({ length: 12 }, taker))
  assert.ok(taken > 12, `${taken} times`)
})

test('one that was slow to take gives way to those who came and went meanwhile', async (t) => {
  const home = await buildHome(t)
  const leave = async () => (await acquireLock(home, options)).release()
  await leave()
  let pauses = 0
  const pause = async () => {
    pauses += 1
    if (pauses > 1) return
    await leave()
    await leave()
    const last = await acquireLock(home, options)
    t.after(() => last.release().catch(() => {}))
  }
  await assert.rejects(acquireLock(home, { ...options, pause }), { code: 'home-locked' })
  assert.equal(pauses, 1)
})
