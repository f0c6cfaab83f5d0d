import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { rm } from 'node:fs/promises'

import { openRemoteDoor } from '#cli/door/remote-door.ts'
import { appendRows } from '#operations/datasets/append.ts'
import { writeMeters } from '../../test/support/build-meters.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Sent {
  readonly body: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly dataset?: string
}

describe('rows over HTTP', () => {
  let server: TestServer
  let folder: string
  let key: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-append-'))
    const packs = [await writeMeters(folder)]
    server = await openServer({}, { packs, env: { MILLRACE_APPEND_WAITING: '1000000' } })
    key = await server.key(server.tenants.alpha, ['read', 'write'])
  })
  after(async () => {
    await server.close()
    await rm(folder, { recursive: true, force: true })
  })

  const post = ({ body, headers = {}, dataset = 'ticks' }: Sent, by = key) =>
    server.app.inject({
      method: 'POST',
      url: `/v1/datasets/${dataset}/rows`,
      headers: {
        authorization: `Bearer ${by}`,
        'content-type': 'application/x-ndjson',
        ...headers,
      },
      payload: body,
    })
  const good = '{"at":"2026-11-22T10:00:00","value":1}'

  test('are acknowledged, with where to ask what became of them', async () => {
    const answer = await post({ body: `${good}\n{}\n` })
    assert.equal(answer.statusCode, 200, answer.body)
    const { acknowledgement, received, links } = answer.json()
    assert.equal(received, 2)
    let found
    do {
      await server.open.clock.sleep(100)
      found = await server.app.inject({
        url: links.acknowledgement,
        headers: { authorization: `Bearer ${key}` },
      })
      assert.equal(found.statusCode, 200)
    } while (!found.json().visible)
    const { id, accepted, quarantined } = found.json()
    assert.deepEqual([id, accepted, quarantined], [acknowledgement, 1, 1])
    const listed = await server.app.inject({
      url: '/v1/acknowledgements?dataset=ticks',
      headers: { authorization: `Bearer ${key}` },
    })
    assert.equal(listed.json().acknowledgements[0].id, acknowledgement)
  })

  test('make versions that belong to no run, whichever door one asks at', async () => {
    const headers = { authorization: `Bearer ${key}` }
    const { versions } = (
      await server.app.inject({ url: '/v1/datasets/ticks/versions', headers })
    ).json<{ versions: { run: string | null }[] }>()
    assert.ok(versions.length > 0)
    assert.deepEqual(
      versions.filter(({ run }) => run !== null),
      [],
    )
    const query = '{ datasetsVersions(dataset: "ticks") { nodes { dataset run { id } } } }'
    const answer = await server.app.inject({
      method: 'POST',
      url: '/graphql',
      headers,
      payload: { query },
    })
    const { errors, data } = answer.json()
    assert.equal(errors, undefined, answer.body)
    assert.deepEqual(data.datasetsVersions.nodes[0], { dataset: 'ticks', run: null })
  })

  test('come as JSON, NDJSON or CSV, plain or compressed, and as nothing else', async () => {
    const taken: Sent[] = [
      { body: `[${good},${good}]`, headers: { 'content-type': 'application/json; charset=utf-8' } },
      { body: good, headers: { 'content-type': 'application/json' } },
      { body: 'at,value\n2026-11-22,1\n', headers: { 'content-type': 'text/csv' } },
      { body: gzipSync(good), headers: { 'content-encoding': 'gzip' } },
    ]
    for (const sent of taken) {
      const answer = await post(sent)
      assert.equal(answer.statusCode, 200, answer.body)
    }
    const refused: [Sent, number, string][] = [
      [{ body: good, headers: { 'content-type': 'text/plain' } }, 415, 'media-type-unsupported'],
      [{ body: good, headers: { 'content-encoding': 'br' } }, 415, 'append-coding-unknown'],
      [{ body: good, headers: { 'content-encoding': 'gzip' } }, 400, 'append-coding'],
      [{ body: '[', headers: { 'content-type': 'application/json' } }, 400, 'append-unreadable'],
      [{ body: '' }, 400, 'append-unreadable'],
      [{ body: Buffer.alloc(16_000_001, 32) }, 413, 'body-too-large'],
      [{ body: good, headers: { 'idempotency-key': 'two words' } }, 400, 'input-invalid'],
      [{ body: good, dataset: 'nothing' }, 404, 'dataset-unknown'],
      [{ body: good, dataset: 'meter_days' }, 409, 'append-not-taken'],
    ]
    for (const [sent, status, code] of refused) {
      const answer = await post(sent)
      assert.deepEqual([answer.statusCode, answer.json().code], [status, code])
    }
  })

  test('with other media types do not reach operations that take JSON', async () => {
    const answer = await server.app.inject({
      method: 'POST',
      url: '/v1/runs',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'text/csv' },
      payload: 'a,b\n',
    })
    assert.deepEqual([answer.statusCode, answer.json().code], [415, 'media-type-unsupported'])
  })

  test('of another tenant cannot be asked for, and nobody without the right sends any', async () => {
    const { acknowledgement } = (await post({ body: good })).json()
    const other = await server.key(server.tenants.beta, ['read', 'write'])
    const ask = (id: string) =>
      server.app.inject({
        url: `/v1/acknowledgements/${id}`,
        headers: { authorization: `Bearer ${other}` },
      })
    const [foreign, missing] = [await ask(acknowledgement), await ask('ack_0000000000000000')]
    assert.equal(foreign.statusCode, 404)
    const same = (body: string, id: string) =>
      body.replaceAll(id, 'ID').replace(/"requestId":"[^"]*"/, '')
    assert.equal(same(foreign.body, acknowledgement), same(missing.body, 'ack_0000000000000000'))
    const reader = await server.key(server.tenants.alpha, ['read'])
    assert.equal((await post({ body: good }, reader)).statusCode, 403)
  })

  test('that come faster than they can be written are put off, with the time to wait', async () => {
    await server.open.stopWorking(0)
    const line = `{"at":"2026-11-22","value":1,"meter":"${'x'.repeat(900)}"}\n`
    let answer = await post({ body: line.repeat(600) })
    for (let sent = 1; answer.statusCode === 200 && sent < 10; sent++) {
      answer = await post({ body: line.repeat(600) })
    }
    assert.deepEqual([answer.statusCode, answer.json().code], [429, 'append-waiting'])
    assert.match(String(answer.headers['retry-after']), /^\d+$/)
    server.open.startWorking(['worker'])
    while ((await post({ body: good })).statusCode === 429) await server.open.clock.sleep(50)
  })

  test('of the command line go through the same door', async () => {
    const url = await server.app.listen({ port: 0, host: '127.0.0.1' })
    const door = openRemoteDoor({ url, key, tenant: null })
    const input = {
      dataset: 'ticks',
      rows: Buffer.from(good),
      format: 'ndjson',
      idempotencyKey: 'cli-1',
    } as const
    const first = await door.invoke(appendRows, input)
    const again = await door.invoke(appendRows, input)
    assert.deepEqual([again.acknowledgement, again.existed], [first.acknowledgement, true])
  })
})
