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

test('of many that race in one process exactly one gets it, again and again', async (t) => {
  const home = await buildHome(t)
  for (let round = 0; round < 20; round++) {
    const racers = await Promise.allSettled(
      Array.from({ length: 10 }, () => acquireLock(home, options)),
    )
    const won = racers.flatMap((racer) => (racer.status === 'fulfilled' ? [racer.value] : []))
    assert.equal(won.length, 1)
    await won[0]?.release()
  }
})
