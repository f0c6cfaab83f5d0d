import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { afterwards } from '../support/afterwards.ts'
import { buildFolder } from '../support/open-parts.ts'
import { openTaskService, type TestTaskService } from '../support/open-task-service.ts'

const example = join(import.meta.dirname, '../../docs/examples/python-worker')
const hasPython = spawnSync('python3', ['--version']).status === 0

/** The example's own worker with functions of this test; what each did is a line of `effects`. */
const functions = `
import os, sys, time
sys.path.insert(0, ${JSON.stringify(example)})
import worker

def effect(task):
    time.sleep(task.payload.get("seconds", 0.02))
    with open(os.environ["EFFECTS"], "a") as file:
        file.write("%s %s\\n" % (task.idempotency_key, task.payload["n"]))
    task.progress(1, 1)
    return {"square": task.payload["n"] ** 2, "big": 12345678901234567890}

def refuse(task):
    raise worker.UselessToRetry("never")

def unlucky(task):
    if task.attempt < 2:
        raise ValueError("not yet")
    return task.attempt

worker.main({"effect": effect, "refuse": refuse, "unlucky": unlucky})
`

function startWorker(
  t: TestContext,
  service: TestTaskService,
  script: string,
  effects: string,
): ChildProcess {
  const child = spawn('python3', [script], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      MILLRACE_URL: service.url,
      MILLRACE_KEY: service.key,
      WORKER_LEASE_MS: '2000',
      EFFECTS: effects,
    },
  })
  afterwards(t, async () => void child.kill('SIGKILL'))
  return child
}

async function untilNoneIsOpen(service: TestTaskService): Promise<void> {
  const states = ['waiting', 'ready', 'running'].map((state) => `states=${state}`).join('&')
  for (;;) {
    const open = (await service.call('GET', `/v1/tasks?${states}&limit=1`)).json.tasks
    if (open.length === 0) return
    await service.call('GET', `/v1/tasks/${open[0].id}?waitMs=1000`)
  }
}

test(
  'a worker in another language carries out hundreds of tasks, and loses none when it is killed',
  { skip: hasPython ? false : 'no python3 is on PATH' },
  async (t) => {
    const service = await openTaskService(t)
    const folder = await buildFolder(t)
    const script = join(folder, 'functions.py')
    const effects = join(folder, 'effects')
    writeFileSync(script, functions)
    appendFileSync(effects, '')

    const items = Array.from({ length: 300 }, (_, n) => ({
      name: 'effect',
      payload: { n },
      idempotencyKey: `effect-${n}`,
    }))
    const posted = await service.call('POST', '/v1/tasks', [
      ...items,
      { name: 'refuse' },
      { name: 'unlucky', retry: { firstMs: 10 } },
    ])
    const ids: string[] = posted.json.tasks.map(({ id }: { id: string }) => id)
    const first = startWorker(t, service, script, effects)
    while (readFileSync(effects, 'utf8').split('\n').length < 60) {
      await service.call('GET', `/v1/tasks/${ids[299]}?waitMs=50`)
    }
    first.kill('SIGKILL')
    const running = (await service.call('GET', '/v1/tasks?states=running')).json.tasks
    t.diagnostic(`killed with ${running.length} tasks under way`)
    const second = startWorker(t, service, script, effects)
    await untilNoneIsOpen(service)

    const all = (await service.call('GET', '/v1/tasks?limit=1000')).json.tasks
    const byId = new Map(all.map((task: { id: string; state: string }) => [task.id, task.state]))
    assert.deepEqual(
      ids.map((id) => byId.get(id)),
      [...items.map(() => 'done'), 'failed', 'done'],
    )
    const done = new Set(readFileSync(effects, 'utf8').trim().split('\n'))
    assert.deepEqual(done, new Set(items.map(({ payload: { n } }) => `effect-${n} ${n}`)))
    for (const n of [0, 150, 299]) {
      const { text, json } = await service.call('GET', `/v1/tasks/${ids[n]}`)
      assert.equal(json.result.square, n * n)
      assert.match(text, /"big":12345678901234567890/)
    }
    const refused = (await service.call('GET', `/v1/tasks/${ids[300]}`)).json
    assert.deepEqual([refused.attempts, refused.error.code], [1, 'task-worker-failed'])
    assert.equal((await service.call('GET', `/v1/tasks/${ids[301]}`)).json.result, 2)

    // Asked to stop, it gives back what it has just begun, or ends it; nothing waits for a lease.
    const [slow] = (
      await service.call('POST', '/v1/tasks', [{ name: 'effect', payload: { n: 7, seconds: 1 } }])
    ).json.tasks
    while ((await service.call('GET', `/v1/tasks/${slow.id}`)).json.state === 'ready');
    second.kill('SIGTERM')
    await new Promise((resolve) => second.once('exit', resolve))
    assert.equal(second.exitCode, 0)
    const { state, attempts } = (await service.call('GET', `/v1/tasks/${slow.id}`)).json
    assert.deepEqual([state, attempts], ['done', 1])
  },
)
