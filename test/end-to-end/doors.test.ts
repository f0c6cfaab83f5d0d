import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { createClient } from '../../sdk/src/index.ts'
import { entryLines } from '../support/answer-world.ts'
import { openDeliveryWorld } from '../support/delivery-world.ts'
import { openMailServer } from '../support/mail-server.ts'

const MONTH = '2021-03'
/** Beyond 2^53, and a decimal that no double holds. */
const LARGE = ['9007199254740993,carla,12345678901234.57,0.1,true,2021-03-02 10:00:00']

/** The command line as a machine elsewhere runs it. */
async function commandLine(url: string, key: string, ...args: string[]): Promise<string> {
  const root = join(import.meta.dirname, '..', '..')
  const child = spawn(process.execPath, [join(root, 'bin', 'millrace.js'), ...args], {
    env: { ...process.env, MILLRACE_URL: url, MILLRACE_KEY: key, NO_COLOR: '1' },
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  assert.equal(child.exitCode ?? (await new Promise((done) => child.once('exit', done))), 0, err)
  return out
}

test('REST, GraphQL, SDK, command line, file and mail give the same rows and the same receipt', async (t) => {
  const mail = await openMailServer(t, () => null)
  const world = await openDeliveryWorld({ env: { MILLRACE_SMTP_URL: mail.url } })
  t.after(() => world.close())
  world.server.open.startWorking(['notifier'])
  await world.publish(MONTH, [...entryLines(MONTH, 40), ...LARGE])
  const key = await world.key()
  const url = await world.server.app.listen({ port: 0, host: '127.0.0.1' })
  const path = '/v1/endpoints/lines/rows?who=carla'

  const rest = await world.get(`${path}&format=csv`, key)
  const receipt = String(rest.headers['millrace-receipt'])
  assert.match(receipt, /^rcp_/)
  assert.match(rest.body, /9007199254740993/)
  assert.match(rest.body, /12345678901234\.57/)
  const json = await world.get(path, key)
  const { rows } = json.json<{ rows: object[] }>()
  assert.match(json.body, /9007199254740993/)
  assert.equal(json.headers['millrace-receipt'], receipt)

  const graph = await world.server.app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { authorization: `Bearer ${key}` },
    payload: {
      query: `{ endpointRows(endpoint: "lines", parameters: [{ name: "who", value: "carla" }]) {
        ... on Rows { receipt rows } } }`,
    },
  })
  const answered = JSON.parse(graph.body) as {
    data: { endpointRows: { receipt: string; rows: object[] } }
  }
  assert.equal(answered.data.endpointRows.receipt, receipt)
  assert.deepEqual(answered.data.endpointRows.rows, rows)
  assert.match(graph.body, /9007199254740993/, 'digits survive')

  const client = createClient({ url, key })
  const stream = await client.endpoints.rows('lines', {
    parameters: { who: 'carla' },
    format: 'csv',
  })
  assert.equal(stream.receipt, receipt)
  assert.equal(await stream.text(), rest.body)

  const args = ['endpoints', 'rows', 'lines', '--parameters', 'who=carla', '--format', 'csv']
  assert.equal(await commandLine(url, key, ...args), rest.body)

  const { id } = await world.create({
    endpoint: 'lines',
    parameters: { who: 'carla' },
    cells: 'raw',
    mail: ['ada@example.com'],
    attach: true,
  })
  const ready = await world.until(id, 'ready')
  assert.equal(ready.receipt, receipt)
  assert.equal((await world.follow(ready.link)).body, rest.body)

  while (mail.received.length === 0) await systemClock.sleep(50)
  const [letter] = mail.received
  const [attached] = letter?.parsed.attachments ?? []
  assert.equal(Buffer.from(attached?.content as ArrayBuffer).toString('utf8'), rest.body)
  assert.ok(letter?.parsed.text?.includes(receipt))

  const traced = await world.get(`/v1/receipts/${receipt}/sources`, key)
  const { sources } = traced.json<{ sources: { dataset: string; received: number }[] }>()
  assert.deepEqual(
    sources.map(({ dataset, received }) => [dataset, received]),
    [['entries', 41]],
  )
})
