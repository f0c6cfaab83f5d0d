import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import fc from 'fast-check'

import { rowsOf } from '#engine/jobs-for-tests.ts'
import { identifier, literal } from '#engine/sql-text.ts'
import { MillraceError } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import { fullAccess } from '#model/access.ts'
import type { Answer } from '#serving/answer.ts'
import { openCursors } from '#serving/answers/cursor.ts'
import type { Asker, Condition, Question, SortBy } from '#serving/question.ts'
import {
  entryLines,
  openAnswerWorld,
  type AnswerWorld,
} from '../../../test/support/answer-world.ts'

let world: AnswerWorld
let asker: Asker
/** All rows, for plain SQL. */
let whole: string

before(async () => {
  world = await openAnswerWorld()
  asker = { tenant: world.tenant, access: fullAccess }
  await world.publish('2021-03', entryLines('2021-03', 40))
  await world.publish('2021-04', entryLines('2021-04', 50))
  whole = join(world.server.home, 'whole.parquet')
  const all = await world.get('/v1/datasets/entries/export.parquet')
  await writeFile(whole, all.bytes)
})
after(() => world.close())

const columns = ['partition', 'n', 'who', 'amount', 'ratio', 'paid', 'at'] as const
const types: Readonly<Record<string, string>> = {
  n: 'BIGINT',
  amount: 'DECIMAL(18,2)',
  ratio: 'DOUBLE',
  paid: 'BOOLEAN',
  at: 'TIMESTAMP',
}
const values: Readonly<Record<(typeof columns)[number], readonly string[]>> = {
  partition: ['2021-03', '2021-04', ''],
  n: ['-2', '0', '2', '9007199254740993'],
  who: ['who 1', "w'", 'who', '%'],
  amount: ['0.10', '2.11', '1.105'],
  ratio: ['-0.5', '0', '1e-3'],
  paid: ['true', 'false'],
  at: ['2021-04-02 10:00:00', '2021-03-20'],
}

function question(parts: Partial<Question> = {}): Question {
  const definition = world.server.parts.factory.datasets.find(({ name }) => name === 'entries')
  assert.ok(definition)
  const subject = { kind: 'dataset', definition, partitions: null } as const
  return { subject, select: null, where: [], sort: null, asOf: null, ...parts }
}

const ask = (asked: Question) => world.server.parts.answers.ask(asker, asked)

const sortBy: fc.Arbitrary<SortBy> = fc.record({
  column: fc.constantFrom(...columns),
  descending: fc.boolean(),
})
const condition: fc.Arbitrary<Condition> = fc.constantFrom(...columns).chain((column) => {
  const value = fc.constantFrom(...values[column])
  const compared = column === 'paid' ? ['eq', 'ne'] : ['eq', 'ne', 'lt', 'le', 'gt', 'ge']
  const isText = column === 'partition' || column === 'who'
  return fc.oneof(
    fc.record({ column: fc.constant(column), op: fc.constantFrom(...compared), value }),
    fc.record({
      column: fc.constant(column),
      op: fc.constant('in'),
      value: fc.array(value, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      column: fc.constant(column),
      op: fc.constant('is'),
      value: fc.constantFrom('null', 'not-null'),
    }),
    ...(isText
      ? [
          fc.record({
            column: fc.constant(column),
            op: fc.constantFrom('starts', 'contains'),
            value,
          }),
        ]
      : []),
  ) as fc.Arbitrary<Condition>
})

async function allPages(answer: Answer, limit: number): Promise<unknown[]> {
  const rows: unknown[] = []
  let cursor: string | null = null
  for (let pages = 0; pages < 200; pages++) {
    const page: Awaited<ReturnType<Answer['page']>> = await answer.page({
      limit,
      cursor,
      format: 'json',
      cells: 'raw',
    })
    rows.push(...(parse(page.bytes) as unknown[]))
    if (page.next === null) return rows
    assert.equal(page.rows, limit)
    assert.ok(page.next.length <= 1000)
    cursor = page.next
  }
  throw new Error('the pages do not end')
}

function parse(bytes: Uint8Array | null): unknown {
  return parseExactJson(Buffer.from(bytes ?? []).toString('utf8'))
}

test('for any order, columns, conditions and size of page, the pages together are the whole answer', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.option(fc.array(sortBy, { minLength: 1, maxLength: 3 }), { nil: null }),
      fc.option(fc.subarray([...columns], { minLength: 1 }), { nil: null }),
      fc.array(condition, { maxLength: 2 }),
      fc.integer({ min: 1, max: 45 }),
      async (sort, select, where, limit) => {
        const answer = await ask(question({ sort, select, where }))
        const { bytes, rows } = await answer.whole('json', 'raw')
        const all = parse(bytes) as unknown[]
        assert.equal(all.length, rows)
        assert.equal(await answer.total(), rows)
        assert.deepEqual(
          (await allPages(answer, limit)).map((row) => JSON.stringify(row)),
          all.map((row) => JSON.stringify(row)),
        )
      },
    ),
    { numRuns: 40 },
  )
})

test('for any conditions and order, rows are those of plain SQL', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(condition, { maxLength: 3 }),
      fc.array(sortBy, { maxLength: 2 }),
      async (where, sort) => {
        const answer = await ask(question({ where, sort: sort.length === 0 ? null : sort }))
        const terms = where.map(plainTerm)
        const order = sort.map(
          ({ column, descending }) =>
            `${identifier(column)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
        )
        const from = `FROM read_parquet(${literal(whole)}) WHERE ${['true', ...terms].join(' AND ')}`
        const expected = await rowsOf(
          `SELECT to_json(t)::VARCHAR AS row FROM (SELECT * ${from}) AS t`,
        )
        const is = parse((await answer.whole('json', 'raw')).bytes) as object[]
        const texts = (list: readonly string[]) => list.toSorted()
        assert.deepEqual(
          texts(is.map((row) => JSON.stringify(row))),
          texts(expected.map(({ row }) => JSON.stringify(parseExactJson(String(row))))),
        )
        if (order.length === 0) return
        const names = sort.map(({ column }) => identifier(column)).join(', ')
        const keys = await rowsOf(
          `SELECT to_json(t)::VARCHAR AS row FROM (SELECT ${names} ${from} ORDER BY ${order.join(', ')}) AS t`,
        )
        const own = is.map((row) =>
          JSON.stringify(sort.map(({ column }) => (row as Record<string, unknown>)[column])),
        )
        assert.deepEqual(
          own,
          keys.map(({ row }) => {
            const key = parseExactJson(String(row)) as Record<string, unknown>
            return JSON.stringify(sort.map(({ column }) => key[column]))
          }),
        )
      },
    ),
    { numRuns: 40 },
  )
})

function plainTerm({ column, op, value }: Condition): string {
  const name = identifier(column)
  const cast = (text: string) =>
    op !== 'starts' && op !== 'contains' && types[column] !== undefined && column !== 'amount'
      ? `CAST(${literal(text)} AS ${types[column]})`
      : column === 'amount'
        ? `CAST(${literal(text)} AS DECIMAL(38,3))`
        : literal(text)
  if (op === 'is') return `${name} IS ${value === 'null' ? '' : 'NOT '}NULL`
  if (op === 'in') return `${name} IN (${[value].flat().map(cast).join(', ')})`
  if (op === 'starts') return `left(${name}, ${String(value).length}) = ${literal(String(value))}`
  if (op === 'contains') return `position(${literal(String(value))} IN ${name}) > 0`
  const operators = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' } as const
  return `${name} ${operators[op]} ${cast(String(value))}`
}

test('a cursor opens for its own tenant, question and deployment only, and says no more otherwise', async () => {
  const url = '/v1/datasets/entries/rows?limit=10'
  const { headers } = await world.get(url)
  const cursor = String(headers['millrace-next'])
  assert.equal((await world.get(`${url}&cursor=${cursor}`)).status, 200)

  const { beta } = world.server.tenants
  const alphaId = world.tenant.id
  const position = { receipt: 'rcp_0', given: 10, last: null }
  const foreignKeys = openCursors([new Uint8Array(32).fill(7)])
  const flipped = Buffer.from(cursor, 'base64url')
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  const hostile: readonly (readonly [string, string, string?])[] = [
    ['of another question', `${url}&where.n=eq.1&cursor=${cursor}`],
    ['of another dataset', `/v1/datasets/sums/rows?limit=10&cursor=${cursor}`],
    ['of other columns', `${url}&select=n&cursor=${cursor}`],
    ['cut', `${url}&cursor=${cursor.slice(0, -4)}`],
    ['longer', `${url}&cursor=${cursor}AAAA`],
    ['edited', `${url}&cursor=${flipped.toString('base64url')}`],
    ['of another key', `${url}&cursor=${foreignKeys.seal(world.tenant, 'x', position)}`],
    ['no cursor', `${url}&cursor=${'A'.repeat(60)}`],
    ['not base64url', `${url}&cursor=${encodeURIComponent('../../etc/passwd?'.repeat(3))}`],
    ['of another tenant', `${url}&cursor=${cursor}`, await world.key(fullAccess, ['read'], beta)],
    [
      'of another access',
      `${url}&cursor=${cursor}`,
      await world.key({ ...fullAccess, columns: { entries: ['n'] } }),
    ],
  ]
  const bodies = new Set<string>()
  for (const [what, address, key] of hostile) {
    const reply = await world.get(address, key)
    assert.equal(reply.status, 400, `${what}: ${reply.body}`)
    const { requestId: _id, ...body } = reply.json<Record<string, unknown>>()
    assert.equal(body['code'], 'cursor-invalid', what)
    bodies.add(JSON.stringify(body))
  }
  assert.equal(bodies.size, 1)

  // The tenant is part of what is signed: the same question of another tenant opens nothing.
  const cursors = openCursors([new Uint8Array(32).fill(1)])
  const own = cursors.seal(world.tenant, 'question', position)
  assert.deepEqual(cursors.open(world.tenant, 'question', own), position)
  assert.notEqual(beta.id, alphaId)
  for (const open of [
    () => cursors.open(beta, 'question', own),
    () => cursors.open(world.tenant, 'other', own),
    () => foreignKeys.open(world.tenant, 'question', own),
  ]) {
    assert.throws(
      open,
      (error) => error instanceof MillraceError && error.code === 'cursor-invalid',
    )
  }
  const rotated = openCursors([new Uint8Array(32).fill(2), new Uint8Array(32).fill(1)])
  assert.deepEqual(rotated.open(world.tenant, 'question', own), position)
})

test('values that would make a cursor long are left out of it', () => {
  const cursors = openCursors([new Uint8Array(32).fill(1)])
  const last = { values: ['x'.repeat(2000)], ties: 1 }
  const cursor = cursors.seal(world.tenant, 'q', { receipt: 'rcp_1', given: 7, last })
  assert.ok(cursor.length <= 1000)
  assert.deepEqual(cursors.open(world.tenant, 'q', cursor), {
    receipt: 'rcp_1',
    given: 7,
    last: null,
  })
})

test('a cursor whose versions were swept says so', async () => {
  const first = await world.get('/v1/datasets/entries/rows?limit=10&partition=2021-03')
  const cursor = String(first.headers['millrace-next'])
  await world.publish('2021-03', entryLines('2021-03', 41))
  const { catalog } = world.server.open
  await catalog.asTenant(world.tenant, (session) =>
    session.query(
      `UPDATE file SET swept_at = millrace_now() WHERE tenant_id = $1 AND id IN (
         SELECT e.file_id FROM extent e JOIN version v ON v.tenant_id = $1 AND v.id = e.version_id
         WHERE e.tenant_id = $1 AND v.dataset = 'entries' AND v.partition = '2021-03'
           AND v.id NOT IN (SELECT version_id FROM partition_pointer WHERE tenant_id = $1 AND version_id IS NOT NULL))`,
      [world.tenant.id],
    ),
  )
  const gone = await world.get(
    `/v1/datasets/entries/rows?limit=10&partition=2021-03&cursor=${cursor}`,
  )
  assert.equal(gone.status, 410, gone.body)
  assert.equal(gone.json<{ code: string }>().code, 'cursor-expired')
})
