import assert from 'node:assert/strict'

import { afterwards } from '../support/afterwards.ts'
import { buildPack } from '../support/build-pack.ts'
import { ownDatabase } from '../support/own-database.ts'
import { startReadyBalancer } from '../support/ready-balancer.ts'
import { useS3Server } from '../support/s3-server.ts'
import { sharedDeployment, until, type DeploymentProcess } from '../support/shared-deployment.ts'

const s3 = useS3Server()

const task = `import { defineTask } from 'millrace'
export default defineTask({
  description: 'Takes a moment.',
  payload: { type: 'object', properties: { number: { type: 'integer' } }, required: ['number'] },
  async run({ number }) {
    await new Promise((resolve) => setTimeout(resolve, number % 40 === 0 ? 1500 : 20))
    return number
  },
})
`

/** Requests one after the other until they are stopped; every one has to be answered well. */
function load(name: string, each: (number: number) => Promise<void>) {
  const failed: string[] = []
  let stopped = false
  let sent = 0
  const ended = (async () => {
    while (!stopped) {
      sent++
      await each(sent).catch((error: Error) => failed.push(`${name} ${sent}: ${error.message}`))
    }
  })()
  return {
    async stop() {
      stopped = true
      await ended
      return { sent, failed }
    },
  }
}

s3.test(
  'APIs and workers are replaced one by one under load: no request fails, no task is lost',
  async (t) => {
    const databaseUrl = await ownDatabase(t)
    if (databaseUrl === null) return t.skip('no PostgreSQL is installed')
    const bucket = await s3.bucket('rolling')
    const deployment = await sharedDeployment(t, {
      databaseUrl,
      bucket,
      endpoint: s3.endpoint,
      env: { MILLRACE_STOP_DRAIN: '1s' },
    })
    const pack = await buildPack(t, { 'tasks/moment.ts': task })
    await deployment.command('deploy', pack.folder)
    const startApi = () => deployment.start('serve', '--parts', 'api,scheduler')
    const startWorker = () => deployment.start('worker', '--slots', '2')
    const apis: DeploymentProcess[] = [await startApi(), await startApi()]
    const workers: DeploymentProcess[] = [await startWorker(), await startWorker()]
    const balancer = await startReadyBalancer(t)
    const use = () => balancer.use(apis.map(({ address }) => address))
    use()
    await until(async () => ((await fetch(`${balancer.url}/livez`)).ok ? true : null), 20_000)

    const posted: string[] = []
    const ask = <T>(path: string, body?: unknown) =>
      deployment.ask<T>(balancer.url, 'default', path, body)
    const loads = [
      load('status', async () => void (await ask('/v1/status'))),
      load('list', async () => void (await ask('/v1/tasks?limit=5'))),
      load('post', async (number) => {
        const { id } = await ask<{ id: string }>('/v1/tasks', {
          name: 'moment',
          payload: { number },
        })
        posted.push(id)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }),
    ]
    afterwards(t, async () => {
      for (const each of loads) await each.stop()
    })
    for (let at = 0; at < 2; at++) {
      const [api, worker] = [apis[at], workers[at]]
      apis[at] = await startApi()
      use()
      // The former one is asked on until it says by itself that it is not ready.
      balancer.use([...apis, api].map((one) => one?.address ?? ''))
      workers[at] = await startWorker()
      assert.equal(await api?.stop(), 0)
      assert.equal(await worker?.stop(), 0)
      use()
    }
    for (const each of loads) {
      const { sent, failed } = await each.stop()
      assert.deepEqual(failed.slice(0, 5), [], `of ${sent} requests`)
      assert.ok(sent > 20, `${sent} requests are a load`)
    }

    type Shown = { id: string; state: string; result: number | null; attempts: number }
    const last = await until(async () => {
      const open = await ask<{ tasks: Shown[] }>('/v1/tasks?states=ready&states=running&limit=1')
      return open.tasks.length === 0 ? true : null
    })
    assert.ok(last)
    const states = new Map<string, string>()
    let cursor = ''
    do {
      const page = await ask<{ tasks: Shown[]; next: string | null }>(
        `/v1/tasks?limit=1000${cursor}`,
      )
      for (const { id, state } of page.tasks) states.set(id, state)
      cursor = page.next === null ? '' : `&cursor=${page.next}`
    } while (cursor !== '')
    const lost = posted.filter((id) => states.get(id) !== 'done')
    assert.deepEqual(lost, [], `of ${posted.length} tasks`)
    for (const part of [...apis, ...workers]) assert.equal(await part.stop(), 0)
  },
)
