import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import type { Permission } from '#operations/operation.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer
let write: string
let operator: string
before(async () => {
  server = await openServer()
  const key = (permissions: readonly Permission[]) => server.key(server.tenants.alpha, permissions)
  write = await key(['read', 'write'])
  operator = await key(['read', 'write', 'operator'])
})
after(() => server.close())

async function configure(key: string, payload: object) {
  const answer = await server.app.inject({
    method: 'POST',
    url: '/v1/sources/events/options',
    headers: { authorization: `Bearer ${key}` },
    payload,
  })
  const { code, detail, options } = answer.json<{
    code?: string
    detail?: string
    options?: Record<string, unknown>
  }>()
  return { status: answer.statusCode, code, detail, options }
}

const bucket = (name: string) => ({ location: `s3://${name}/{yyyy}-{MM}.csv` })
const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'hunter2' }

test("a tenant's own people name a bucket, but not the disk or the credentials of the server", async () => {
  for (const given of [
    { location: '/etc/{yyyy}-{MM}.csv' },
    { location: 'file:///etc/{yyyy}-{MM}.csv' },
    { location: './lake/{yyyy}-{MM}.csv' },
    { ...bucket('a'), awsEnvironment: true },
  ]) {
    const { status, code } = await configure(write, { ...given, replace: true })
    assert.deepEqual([status, code], [403, 'source-option-of-operator'], JSON.stringify(given))
  }
  assert.equal((await configure(write, { ...bucket('mine'), ...credentials })).status, 200)
  const given = { ...bucket('shared'), awsEnvironment: true, replace: true }
  assert.equal((await configure(operator, given)).status, 200)
  const moved = await configure(write, bucket('of-somebody-else'))
  assert.equal(moved.code, 'source-option-of-operator')
  assert.equal((await configure(operator, bucket('other'))).status, 200)
})

test('stored secrets go to no other place than the one that they were given for', async () => {
  const set = await configure(operator, { ...bucket('company'), ...credentials, replace: true })
  assert.equal(set.status, 200)
  for (const given of [
    bucket('company-of-another-tenant'),
    { endpoint: 'https://1.1.1.1' },
    { region: 'eu-west-1' },
    { accessKeyId: 'AKIB' },
    { location: null },
  ]) {
    const { status, detail } = await configure(write, given)
    assert.equal(status, 400, JSON.stringify(given))
    assert.match(detail ?? '', /secretAccessKey|location: is needed/)
  }
  assert.equal((await configure(write, { pathStyle: true })).status, 200)
  const own = await configure(write, { ...bucket('own'), ...credentials })
  assert.equal(own.status, 200)
  assert.equal(own.options?.['secretAccessKey'], '••••••••')
  const dropped = await configure(write, { ...bucket('public'), anonymous: true, replace: true })
  assert.equal(dropped.status, 200)
  assert.deepEqual(dropped.options, { ...bucket('public'), anonymous: true })
})
