import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { commandLineOn } from '../support/command-line.ts'
import { buildPack } from '../support/build-pack.ts'
import { ownDatabase } from '../support/own-database.ts'
import { buildFolder } from '../support/open-parts.ts'
import { useS3Server } from '../support/s3-server.ts'
import { sharedDeployment, until, type SharedDeployment } from '../support/shared-deployment.ts'

const s3 = useS3Server()
let buckets = 0

async function deploymentOf(t: TestContext): Promise<SharedDeployment | null> {
  const databaseUrl = await ownDatabase(t)
  if (databaseUrl === null) return (t.skip('no PostgreSQL is installed'), null)
  const bucket = await s3.bucket(`parts-${++buckets}`)
  return sharedDeployment(t, { databaseUrl, bucket, endpoint: s3.endpoint })
}

const totals = (column: string) => `-- Totals of each month.
-- partition: month
-- input: orders same
SELECT sum(amount) AS ${column} FROM orders
`

test('a part alone is refused where the catalog belongs to one process', async (t) => {
  const home = await buildFolder(t)
  const line = commandLineOn(home)
  for (const args of ['worker', 'serve --parts api', 'serve --parts worker,scheduler']) {
    const { code, err } = await line.run(`${args} --port 0`)
    assert.equal(code, 2, err)
    assert.match(err, /cannot run alone.*DATABASE_URL/s)
  }
  const odd = await line.run('serve --parts api,cook')
  assert.equal(odd.code, 2)
  assert.match(odd.err, /--parts: .*names the part "cook"; the parts are api, scheduler/)
})

s3.test(
  'every part tells its own health and figures, and only the API answers for data',
  async (t) => {
    const deployment = await deploymentOf(t)
    if (!deployment) return
    const api = await deployment.start('serve', '--parts', 'api')
    const others = await Promise.all([
      deployment.start('worker', '--slots', '1', '--tags', 'gpu,big'),
      deployment.start('serve', '--parts', 'scheduler'),
      deployment.start('serve', '--parts', 'notifier'),
    ])
    for (const { address } of [api, ...others]) {
      assert.equal((await fetch(`${address}/livez`)).status, 200)
      assert.equal((await fetch(`${address}/readyz`)).status, 200)
      const metrics = await fetch(`${address}/metrics`)
      assert.match(metrics.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
      assert.match(await metrics.text(), /^millrace_process_memory_bytes \d+$/m)
    }
    for (const { address } of others) {
      assert.equal((await fetch(`${address}/v1/datasets`)).status, 404)
    }
    assert.equal((await fetch(`${api.address}/v1/datasets`)).status, 401)
    const figures = await (await fetch(`${others[0]?.address}/metrics`)).text()
    assert.match(figures, /^millrace_slots\{kind="slot"\} 1$/m)
    assert.match(figures, /^millrace_slots\{kind="call"\} 32$/m)
    const requests = await (await fetch(`${api.address}/metrics`)).text()
    assert.match(
      requests,
      /^millrace_http_requests_total\{method="GET",route="\/v1\/datasets",status="401"\} 1$/m,
    )
    for (const part of [api, ...others]) assert.equal(await part.stop(), 0)
  },
)

s3.test(
  'a deployment is taken up without a restart, and a run goes on with the code of its plan',
  async (t) => {
    const deployment = await deploymentOf(t)
    if (!deployment) return
    const pack = await buildPack(t, { 'analyses/totals.sql': totals('first_name') })
    const data = await buildFolder(t, 'millrace-orders')
    await writeFile(join(data, '2024-01.csv'), 'id,at,amount\na,2024-01-02 03:04:05,1.50\n')
    const first = await deployment.command('deploy', pack.folder, '-m', 'first', '--json')
    const { deployment: one } = JSON.parse(first) as {
      deployment: { id: number; codeHash: string }
    }
    const api = await deployment.start('serve', '--parts', 'api')
    const ask = <T>(path: string, body?: unknown) =>
      deployment.ask<T>(api.address, 'default', path, body)
    await ask('/v1/sources/orders/options', { location: join(data, '{yyyy}-{MM}.csv') })
    const started = await ask<{ run: { id: string } }>('/v1/runs', { datasets: ['totals'] })

    await pack.write('analyses/totals.sql', totals('second_name'))
    const second = await deployment.command('deploy', pack.folder, '--json')
    const { deployment: two } = JSON.parse(second) as {
      deployment: { id: number; codeHash: string }
    }
    assert.notEqual(two.codeHash, one.codeHash)
    const again = await deployment.command('deploy', pack.folder, '--json')
    assert.deepEqual((JSON.parse(again) as { changed: boolean }).changed, false)

    const worker = await deployment.start('worker', '--slots', '1')
    const ended = await until(async () => {
      const { run } = await ask<{ run: { state: string } }>(`/v1/runs/${started.run.id}`)
      return run.state === 'running' ? null : run
    })
    assert.equal(ended.state, 'done')
    const rows = () => ask<object[]>('/v1/datasets/totals/rows')
    assert.deepEqual(Object.keys((await rows())[0] ?? {}).slice(-1), ['first_name'])

    // The API had loaded the first one, and plans with the second one now.
    type Plan = { tasks: { dataset: string }[] }
    const planned = await until(async () => {
      const { tasks } = await ask<Plan>('/v1/plans', { datasets: ['totals'] })
      return tasks.length > 0 ? tasks : null
    }, 20_000)
    assert.deepEqual(
      planned.map(({ dataset }) => dataset),
      ['totals'],
    )
    const next = await ask<{ run: { id: string } }>('/v1/runs', { datasets: ['totals'] })
    await until(async () => {
      const { run } = await ask<{ run: { state: string } }>(`/v1/runs/${next.run.id}`)
      return run.state === 'done' ? run : null
    })
    // What another process has published is answered within a second.
    const names = await until(async () => {
      const [name] = Object.keys((await rows())[0] ?? {}).slice(-1)
      return name === 'first_name' ? null : name
    }, 5_000)
    assert.equal(names, 'second_name')

    await ask(`/v1/deployments/${one.id}/rollback`, {})
    const list = await ask<{ deployments: { id: number; codeHash: string; message: string }[] }>(
      '/v1/deployments',
    )
    assert.deepEqual(
      list.deployments.map(({ codeHash, message }) => [codeHash, message]),
      [
        [one.codeHash, `rollback to ${one.id}`],
        [two.codeHash, ''],
        [one.codeHash, 'first'],
      ],
    )
    for (const part of [worker, api]) assert.equal(await part.stop(), 0)
  },
)

s3.test('a server that starts where nothing is deployed brings its own packs, once', async (t) => {
  const deployment = await deploymentOf(t)
  if (!deployment) return
  const folder = await buildFolder(t, 'millrace-first')
  await writeTwin(folder, { seed: 1, months: ['2021-04'], rowsPerMonth: 200 })
  const parts = await Promise.all([
    deployment.start('serve', '--parts', 'api'),
    deployment.start('serve', '--parts', 'api,worker', '--slots', '1'),
  ])
  const list = await deployment.ask<{ deployments: { packs: { name: string }[] }[] }>(
    parts[0]?.address ?? '',
    'default',
    '/v1/deployments',
  )
  assert.deepEqual(
    list.deployments.map(({ packs }) => packs.map(({ name }) => name)),
    [['events']],
  )
  for (const part of parts) assert.equal(await part.stop(), 0)
})
