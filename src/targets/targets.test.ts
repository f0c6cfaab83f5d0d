import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { GetObjectCommand } from '@aws-sdk/client-s3'
import pg from 'pg'

import { openEgress } from '#egress/egress.ts'
import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import type { HandedFile } from '#model/delivery.ts'
import { brandTenant } from '#model/tenant.ts'
import { createPostgresTarget, type PostgresWish } from '#targets/postgres-target.ts'
import { createS3Target, locationOf } from '#targets/s3-target.ts'
import { createWebhookTarget } from '#targets/webhook-target.ts'
import { afterwards } from '../../test/support/afterwards.ts'
import { ownDatabase } from '../../test/support/own-database.ts'
import { isSigned, openReceiver } from '../../test/support/receiver.ts'
import { testKeys, useS3Server } from '../../test/support/s3-server.ts'

const egress = openEgress({ allow: ['127.0.0.0/8', '::1'], clock: systemClock })
const about = { signal: new AbortController().signal, onProgress() {} }

/** A file as a delivery hands it over. */
async function handed(
  t: TestContext,
  content: string,
  more: Partial<HandedFile> = {},
): Promise<HandedFile> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-target-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'answer')
  await writeFile(path, content)
  return {
    tenant: brandTenant(7, 'acme'),
    delivery: 'dlv_1',
    fence: 1,
    fileName: 'top_companies.ndjson',
    path,
    format: 'ndjson',
    rows: content.trim().split('\n').length,
    sizeBytes: Buffer.byteLength(content),
    sha256: createHash('sha256').update(content).digest('hex'),
    columns: [],
    receipt: 'rcp_1',
    asOf: new Date('2026-11-02T10:00:00Z'),
    commitNumber: 10,
    ...more,
  }
}

const columns = [
  { name: 'company', type: 'VARCHAR' },
  { name: 'events', type: 'BIGINT' },
  { name: 'share', type: 'DECIMAL(18,2)' },
  { name: 'tags', type: 'VARCHAR[]' },
  { name: 'seen', type: 'TIMESTAMP' },
]
const rows = [
  `{"company":"a\\tb\\\\c\\n\\"d\\"","events":9007199254740993,"share":0.10,"tags":["x, y","\\"q\\"",null],"seen":"2021-04-17 08:30:00"}`,
  `{"company":"","events":null,"share":12345678901234.56,"tags":[],"seen":null}`,
  `{"company":"\\\\N","events":-1,"share":null,"tags":null,"seen":"2021-04-17 08:30:00.123456"}`,
].join('\n')

function toPostgres(databaseUrl: string) {
  const target = createPostgresTarget(egress, async () => ({ databaseUrl }))
  return (file: HandedFile, options: Partial<PostgresWish> = {}) =>
    target.handOver(
      file,
      {
        kind: 'postgres',
        target: 'portal',
        options: { mode: 'swap', removeOthers: false, ...options },
      },
      about,
    )
}

async function openClient(t: TestContext, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  afterwards(t, () => client.end())
  return client
}

async function all(client: pg.Client, table = 'top_companies') {
  const { rows: found } = await client.query<{ row: string }>(
    `SELECT to_json(t)::text AS row FROM ${table} t ORDER BY 1`,
  )
  return found.map(({ row }) => row)
}

test('rows arrive in a table as they are: texts, large numbers, decimals, lists, times', async (t) => {
  const url = await ownDatabase(t)
  if (url === null) return t.skip('PostgreSQL is not installed')
  const placed = await toPostgres(url)(await handed(t, rows, { columns }))
  assert.deepEqual(placed, {
    place: 'public.top_companies',
    target: 'portal',
    state: 'delivered',
    written: 3,
    removed: 0,
  })
  const client = await openClient(t, url)
  const found = await client.query(
    `SELECT company, events::text, share::text, tags, seen::text FROM top_companies ORDER BY company`,
  )
  assert.deepEqual(
    found.rows.map((row: Record<string, unknown>) => ({ ...row })),
    [
      { company: '', events: null, share: '12345678901234.56', tags: [], seen: null },
      {
        company: '\\N',
        events: '-1',
        share: null,
        tags: null,
        seen: '2021-04-17 08:30:00.123456',
      },
      {
        company: 'a\tb\\c\n"d"',
        events: '9007199254740993',
        share: '0.10',
        tags: ['x, y', '"q"', null],
        seen: '2021-04-17 08:30:00',
      },
    ],
  )
  const types = await client.query<{ type: string }>(
    `SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = 'top_companies'::regclass AND attnum > 0 ORDER BY attnum`,
  )
  assert.deepEqual(
    types.rows.map(({ type }) => type),
    ['text', 'bigint', 'numeric(18,2)', 'text[]', 'timestamp without time zone'],
  )
})

const narrow = [
  { name: 'company', type: 'VARCHAR' },
  { name: 'events', type: 'BIGINT' },
]

test('a swap is seen whole or not at all, and keeps the rights and views of the table', async (t) => {
  const url = await ownDatabase(t)
  if (url === null) return t.skip('PostgreSQL is not installed')
  const deliver = toPostgres(url)
  await deliver(await handed(t, '{"company":"a","events":1}\n', { columns: narrow }))
  const client = await openClient(t, url)
  await client.query('CREATE VIEW busy AS SELECT company FROM top_companies WHERE events > 0')
  await client.query('GRANT SELECT ON top_companies TO PUBLIC')
  const reader = await openClient(t, url)
  await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
  assert.equal((await all(reader)).length, 1)
  const next = { columns: narrow, delivery: 'dlv_2', commitNumber: 11 }
  const counts = await deliver(
    await handed(t, '{"company":"b","events":2}\n{"company":"c","events":0}\n', next),
  )
  assert.deepEqual([counts['written'], counts['removed']], [2, 1])
  assert.equal((await all(reader)).length, 1, 'who reads sees what was there')
  await reader.query('COMMIT')
  assert.deepEqual(await all(client), ['{"company":"b","events":2}', '{"company":"c","events":0}'])
  assert.deepEqual(await all(client, 'busy'), ['{"company":"b"}'])

  const broken = await handed(t, '{"company":"x","events":1}\n{"company":"y","events":"no"}\n', {
    columns: narrow,
    delivery: 'dlv_3',
    commitNumber: 12,
  })
  await assert.rejects(deliver(broken), /target-refused|invalid input syntax/)
  assert.equal((await all(client)).length, 2, 'what failed leaves the former rows')
})

test('a second try changes nothing, and an older delivery does not overwrite a newer one', async (t) => {
  const url = await ownDatabase(t)
  if (url === null) return t.skip('PostgreSQL is not installed')
  const deliver = toPostgres(url)
  const file = await handed(t, '{"company":"a","events":1}\n', { columns: narrow })
  await deliver(file)
  assert.equal((await deliver(file))['state'], 'delivered')
  const older = { columns: narrow, delivery: 'dlv_0', commitNumber: 9 }
  const late = await handed(t, '{"company":"old","events":9}\n', older)
  assert.equal((await deliver(late))['state'], 'newer-is-there')
  const client = await openClient(t, url)
  assert.deepEqual(await all(client), ['{"company":"a","events":1}'])
  const both = await Promise.all(
    [20, 21].map(async (commitNumber) =>
      deliver(
        await handed(t, `{"company":"c${commitNumber}","events":1}\n`, {
          columns: narrow,
          delivery: `dlv_${commitNumber}`,
          commitNumber,
        }),
      ),
    ),
  )
  assert.equal(both.length, 2)
  assert.deepEqual(await all(client), ['{"company":"c21","events":1}'])
})

test('an upsert replaces rows of the same key, leaves or removes the others', async (t) => {
  const url = await ownDatabase(t)
  if (url === null) return t.skip('PostgreSQL is not installed')
  const deliver = toPostgres(url)
  const upsert = { mode: 'upsert' as const, key: ['company'], table: 'Top "Companies"' }
  const table = '"Top ""Companies"""'
  const file = (content: string, at: number, more = columnsOf(narrow)) =>
    handed(t, content, { ...more, delivery: `dlv_${at}`, commitNumber: at })
  await deliver(await file('{"company":"a","events":1}\n{"company":"b","events":2}\n', 1), upsert)
  await deliver(await file('{"company":"b","events":3}\n{"company":"c","events":4}\n', 2), upsert)
  const client = await openClient(t, url)
  const texts = [
    '{"company":"a","events":1}',
    '{"company":"b","events":3}',
    '{"company":"c","events":4}',
  ]
  assert.deepEqual(await all(client, table), texts)
  const wider = [...narrow, { name: 'users', type: 'BIGINT' }]
  await deliver(await file('{"company":"c","events":4,"users":1}\n', 3, columnsOf(wider)), {
    ...upsert,
    removeOthers: true,
  })
  assert.deepEqual(await all(client, table), ['{"company":"c","events":4,"users":1}'])
  await assert.rejects(
    deliver(await file('{"company":"c","events":4}\n', 4), { ...upsert, key: ['nosuch'] }),
    /no column nosuch/,
  )
})

function columnsOf(list: HandedFile['columns']) {
  return { columns: list }
}

test('a database that must not be called, is away, or refuses is told as it is', async (t) => {
  const url = await ownDatabase(t)
  if (url === null) return t.skip('PostgreSQL is not installed')
  const closed = openEgress({ allow: [], clock: systemClock })
  const guarded = createPostgresTarget(closed, async () => ({ databaseUrl: url }))
  const wish = {
    kind: 'postgres',
    target: 'portal',
    options: { mode: 'swap', removeOthers: false },
  } as const
  const file = await handed(t, '{"company":"a","events":1}\n', { columns: narrow })
  const code = (expected: string) => (error: unknown) =>
    error instanceof MillraceError && error.code === expected
  await assert.rejects(guarded.handOver(file, wish, about), code('egress-denied'))
  const gone = new URL(url)
  gone.port = '1'
  await assert.rejects(toPostgres(gone.href)(file), code('target-unreachable'))
  const noDatabase = new URL(url)
  noDatabase.pathname = '/nosuch'
  await assert.rejects(toPostgres(noDatabase.href)(file), code('target-refused'))
})

const s3 = useS3Server()

s3.test('a file lies in a bucket under its name, with its bytes, and again the same', async (t) => {
  const bucket = await s3.bucket('reports')
  const target = createS3Target(
    { egress, clock: systemClock, random: systemRandom, log: silentLogger },
    async () => ({
      location: `s3://${bucket}/reports`,
      endpoint: s3.endpoint,
      ...testKeys,
    }),
  )
  const file = await handed(t, rows)
  const wish = { kind: 's3', target: 'bucket', options: {} } as const
  const key = 'reports/top_companies/2026-11-02-rcp_1.ndjson'
  for (let tries = 0; tries < 2; tries++) {
    const placed = await target.handOver(file, wish, about)
    assert.equal(placed['place'], `s3://${bucket}/${key}`)
    const object = await s3.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    assert.equal(await object.Body?.transformToString(), rows)
  }
})

test('paths are made of what is known, and lead nowhere else', async (t) => {
  const file = await handed(t, rows)
  assert.deepEqual(locationOf('s3://b/x/{tenant}/{title}.{format}', undefined, file), {
    bucket: 'b',
    key: 'x/acme/top_companies.ndjson',
  })
  assert.equal(locationOf('s3://b/x/', 'y/{date}', file).key, 'x/y/2026-11-02')
  assert.throws(() => locationOf('s3://b/x', '../y', file), /holds/)
  assert.throws(() => locationOf('s3://b/x/{nosuch}', undefined, file), /nosuch/)
})

test('an address is sent the rows, signed; one that is away is tried again by the queue', async (t) => {
  const secret = `whsec_${Buffer.from('a'.repeat(32)).toString('base64')}`
  const statuses = [200, 500, 404]
  const receiver = await openReceiver(t, (_request, count) => ({
    status: statuses[count - 1] ?? 200,
  }))
  const target = createWebhookTarget({ egress, clock: systemClock }, async () => ({
    url: receiver.url,
    signingSecret: secret,
  }))
  const file = await handed(t, '[{"company":"a","events":9007199254740993}]\n', {
    format: 'json',
    rows: 1,
  })
  const wish = { kind: 'webhook', target: 'hook', options: {} } as const
  await target.handOver(file, wish, about)
  const [sent] = receiver.received
  assert.ok(sent)
  assert.ok(isSigned(sent, secret))
  assert.equal(sent.headers['webhook-id'], 'dlv_1')
  assert.match(sent.body, /"rows":\[\{"company":"a","events":9007199254740993\}\]\}$/)
  assert.match(sent.body, /"receipt":"rcp_1"/)
  for (const [code, retryable] of [
    ['target-unreachable', true],
    ['target-refused', false],
  ] as const) {
    await assert.rejects(target.handOver(file, wish, about), (error) => {
      assert.ok(error instanceof MillraceError)
      return error.code === code && error.entry.retryable === retryable
    })
  }
})
