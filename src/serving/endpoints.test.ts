import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'

import { provideSettings } from '#catalog/tenant-settings.ts'
import { memoryCodeVersions } from '#definitions/code-versions.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { readPack } from '#definitions/read-pack.ts'
import { bundlePacks } from '#factory/code-bundle.ts'
import { MillraceError } from '#kernel/errors.ts'
import { versionHeaders } from '#serving/endpoint-headers.ts'
import { openEndpoints } from '#serving/endpoints.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'

const KEEP_MS = 90 * 86_400_000
let server: TestServer
let folder: string
const keys: Record<'reader' | 'admin' | 'other', string> = { reader: '', admin: '', other: '' }
const parser = openDuckdbParser()

const source = `import { defineSource } from 'millrace'
export default defineSource({
  description: 'Readings.', format: 'csv', partition: 'month',
  columns: { meter: { type: 'text' }, amount: { type: 'integer' } },
})
`
const best = (select: string, header = '') =>
  `-- The best.\n-- param: month period = latest — m\n${header}-- input: readings partition $month\n${select}\n`

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-endpoints-'))
  server = await openServer()
  const { alpha, beta } = server.tenants
  keys.reader = await server.key(alpha, ['read'])
  keys.admin = await server.key(alpha, ['read', 'admin'])
  keys.other = await server.key(beta, ['read'])
  await deploy({ best: best('SELECT meter, amount FROM readings') })
})
after(async () => {
  parser.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function deploy(endpoints: Readonly<Record<string, string>>): Promise<void> {
  await rm(join(folder, 'endpoints'), { recursive: true, force: true })
  const files = {
    'pack.ts': `import { definePack } from 'millrace'
export default definePack({ name: 'meters', description: 'Meters.' })
`,
    'sources/readings.ts': source,
    ...Object.fromEntries(
      Object.entries(endpoints).map(([name, text]) => [`endpoints/${name}.sql`, text]),
    ),
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  const pack = await readPack(folder, {
    serializeSql: parser.serializeSql,
    codeVersions: memoryCodeVersions(),
  })
  await server.open.deployments.deploy(await bundlePacks([pack]), { message: '', by: 'test' })
}

async function ask<T>(
  url: string,
  key = keys.reader,
  method: 'GET' | 'POST' | 'DELETE' = 'GET',
  body?: object,
) {
  const headers = { authorization: `Bearer ${key}` }
  const answer = await server.app.inject({ method, url, headers, ...(body && { payload: body }) })
  return { status: answer.statusCode, body: answer.json<T>() }
}

const found = async (version: number | null = null) =>
  server.parts.endpoints.find(server.tenants.alpha, 'best', version)
async function thrown(promise: Promise<unknown>): Promise<MillraceError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof MillraceError)
  return error
}

/** The same versions as they are answered after so long. */
function endpointsLater(ms: number) {
  const { catalog, clock, deployed } = server.open
  return openEndpoints({
    catalog,
    clock: { ...clock, now: () => new Date(clock.now().getTime() + ms) },
    code: () => deployed.current().code,
    packsOf: async () => null,
    onError: (what) => assert.fail(what),
  })
}

interface Versions {
  readonly pinned: number | null
  readonly versions: {
    version: number
    state: string
    changes: { name: string; breaks: boolean }[]
  }[]
}

test('versions come with deployments, tell what differs, are pinned, and end', async () => {
  const first = await found()
  assert.deepEqual([first.number, first.isCurrent, first.endsAt], [1, true, null])
  assert.deepEqual(versionHeaders(first), { 'millrace-endpoint-version': '1' })

  await deploy({
    best: best('SELECT meter, amount FROM readings LIMIT 5', '')
      .replace('LIMIT 5', 'WHERE meter > $least')
      .replace('-- input', '-- param: least text — l\n-- input'),
  })
  assert.equal((await found()).number, 2)
  const former = await found(1)
  assert.equal(former.isCurrent, false)
  assert.equal(Number(former.endsAt) - Number(former.replacedAt), KEEP_MS)
  const { deprecation, sunset, link } = versionHeaders(former)
  assert.match(deprecation ?? '', /^@\d{10}$/)
  assert.equal(
    Math.floor(Date.parse(sunset ?? '') / 1000),
    Math.floor(Number(former.endsAt) / 1000),
  )
  assert.match(link ?? '', /rel="deprecation".*rel="successor-version"/)
  assert.equal((await thrown(found(3))).code, 'endpoint-version-unknown')

  const listed = await ask<Versions>('/v1/endpoints/best/versions')
  assert.deepEqual(
    listed.body.versions.map(({ version, state, changes }) => [
      version,
      state,
      changes.map(({ name, breaks }) => [name, breaks]),
    ]),
    [
      [2, 'current', []],
      [1, 'former', [['least', true]]],
    ],
  )
  const url = '/v1/endpoints/best/pin'
  assert.equal((await ask(url, keys.reader, 'POST', { version: 1 })).status, 403)
  assert.equal((await ask(url, keys.admin, 'POST', { version: 7 })).status, 404)
  assert.equal((await ask(url, keys.admin, 'POST', { version: 1 })).status, 200)
  assert.equal((await found()).number, 1)
  assert.equal((await server.parts.endpoints.list(server.tenants.alpha))[0]?.number, 1)
  assert.equal((await server.parts.endpoints.find(server.tenants.beta, 'best', null)).number, 2)
  assert.equal((await ask<Versions>('/v1/endpoints/best/versions')).body.pinned, 1)

  const later = endpointsLater(KEEP_MS + 1000)
  const ended = await thrown(later.find(server.tenants.alpha, 'best', null))
  assert.deepEqual([ended.code, ended.entry.status], ['endpoint-version-ended', 410])
  assert.match(ended.remedy, /millrace endpoints unpin best/)
  const named = await thrown(later.find(server.tenants.alpha, 'best', 1))
  assert.match(named.remedy, /Ask for version 2/)
  assert.equal((await later.list(server.tenants.alpha))[0]?.number, 2)
  assert.deepEqual((await ask(url, keys.admin, 'DELETE')).body, {
    endpoint: 'best',
    wasPinned: true,
  })
  assert.equal((await found()).number, 2)

  // The first code again has its number again.
  await deploy({ best: best('SELECT meter, amount FROM readings') })
  assert.deepEqual([(await found()).number, (await found()).endsAt], [1, null])
})

test('what was taken away is answered to those who name its version, for a time', async () => {
  await deploy({ other: best('SELECT meter FROM readings') })
  const gone = await ask<{ code: string; remedy: string }>('/v1/endpoints/best')
  assert.deepEqual([gone.status, gone.body.code], [410, 'endpoint-removed'])
  assert.match(gone.body.remedy, /version=1/)
  assert.equal((await found(1)).number, 1)
  const later = endpointsLater(KEEP_MS + 1000)
  const unknown = await thrown(later.find(server.tenants.alpha, 'best', null))
  assert.equal(unknown.code, 'endpoint-unknown')
  const { endpoints } = (await ask<{ endpoints: { endpoint: string }[] }>('/v1/endpoints')).body
  assert.deepEqual(
    endpoints.map(({ endpoint }) => endpoint),
    ['other'],
  )
})

test('an endpoint of a pack that a tenant does not have answers as one that does not exist', async () => {
  const { beta } = server.tenants
  await server.open.catalog.asSystem((session) =>
    provideSettings(session, beta.id, { packs: ['events'] }),
  )
  await server.open.clock.sleep(1_100)
  const bodies = await Promise.all(
    ['other', 'nowhere'].flatMap((name) =>
      ['', '/versions'].map(async (rest) => {
        const { status, body } = await ask<Record<string, unknown>>(
          `/v1/endpoints/${name}${rest}`,
          keys.other,
        )
        const { instance: _instance, requestId: _id, ...said } = body
        return JSON.stringify([status, said]).replaceAll(name, 'NAME')
      }),
    ),
  )
  assert.equal(new Set(bodies).size, 1, bodies.join('\n'))
  assert.match(bodies[0] ?? '', /^\[404,/)
})
