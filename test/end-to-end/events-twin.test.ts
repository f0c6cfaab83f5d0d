import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { dealOddities, oddities, ROWS_MIN } from '../../packs/events/samples/oddities.ts'
import { writeTwin, type TwinMonth } from '../../packs/events/samples/twin.ts'
import { readEventsFile } from './events-truth-csv.ts'

async function buildTwin(
  t: TestContext,
  options: { seed?: number; months?: string[]; rowsPerMonth?: number },
): Promise<readonly TwinMonth[]> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-twin-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const twin = await writeTwin(folder, {
    seed: 1,
    months: ['2021-04'],
    rowsPerMonth: 2000,
    ...options,
  })
  return twin.months
}

async function hashesOf(months: readonly TwinMonth[]): Promise<string[]> {
  return Promise.all(
    months.map(async ({ path }) =>
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ),
  )
}

test('equal seeds give equal bytes, other seeds and months other ones', async (t) => {
  const options = { months: ['2021-04', '2021-05'], rowsPerMonth: 500 }
  const first = await hashesOf(await buildTwin(t, options))
  assert.deepEqual(await hashesOf(await buildTwin(t, options)), first)
  const other = await hashesOf(await buildTwin(t, { ...options, seed: 2 }))
  assert.equal(new Set([...first, ...other]).size, 4)
})

test('a file of any size has exactly the stated numbers', async (t) => {
  for (const rowsPerMonth of [ROWS_MIN, 997, 12_000]) {
    const [month] = await buildTwin(t, { rowsPerMonth })
    assert.ok(month)
    const stated = month.oddities
    const { received, accepted, quarantined } = await readEventsFile(month.path)
    assert.equal(received, rowsPerMonth)
    assert.equal(month.received, received)
    assert.equal(month.accepted, accepted.length)
    assert.equal(month.bytes, (await readFile(month.path)).length)
    assert.deepEqual(Object.fromEntries(quarantined), {
      'field-count': stated.fieldCount,
      'timestamp-missing': stated.timestampMissing,
      'timestamp-unreadable': stated.timestampUnreadable,
      'tags-unreadable': stated.tagsUnreadable,
    })
    const count = (is: (event: (typeof accepted)[number]) => boolean) => accepted.filter(is).length
    const march = Date.parse('2021-04-01')
    assert.equal(
      count(({ at }) => at < march),
      stated.spill,
    )
    assert.equal(
      count(({ tags }) => tags.length === 0),
      stated.tagsEmpty,
    )
    assert.equal(
      count(({ tags }) => tags.includes("it's")),
      stated.tagsApostrophe,
    )
    assert.equal(
      count(({ tags }) => tags.includes('日本') && tags.includes('café')),
      stated.tagsUnicode,
    )
    assert.equal(
      count(({ ip }) => /^[\da-f]*:[\da-f:.]+:[\da-f.]+$/.test(ip) && ip !== 'fe80::1::2'),
      stated.ipv6,
    )
    assert.equal(
      count(({ email }) => /^twin@tied-\d\.com$/.test(email)),
      stated.tied,
    )
    assert.equal(
      count(({ email }) => /@.*[A-Z]/.test(email)),
      stated.upperCaseDomain,
    )
    assert.equal(
      count(({ email }) => email.startsWith('zoë@')),
      stated.unusualDomain,
    )
    const ids = accepted.map(({ id }) => id).filter((id) => /^[\da-f-]{36}$/.test(id))
    assert.equal(ids.length - new Set(ids).size, stated.duplicate)
    assert.equal(accepted.length - ids.length, stated.badId)
  }
})

test('people of the tied rows have equally many events each', async (t) => {
  const [month] = await buildTwin(t, { rowsPerMonth: 9000 })
  assert.ok(month)
  const { accepted } = await readEventsFile(month.path)
  const tied = accepted.map(({ email }) => email).filter((email) => email.startsWith('twin@tied-'))
  const counts = [...Map.groupBy(tied, (email) => email).values()].map((rows) => rows.length)
  assert.deepEqual(counts, [4, 4, 4, 4])
})

test('oddities are dealt to different rows, each as often as stated, row 0 plain', () => {
  for (const rows of [ROWS_MIN, 101, 4096, 30_000]) {
    const deal = dealOddities(rows)
    const dealt = Array.from({ length: rows }, (_, row) => deal(row))
    assert.equal(dealt[0], null)
    for (const [oddity, count] of Object.entries(oddities)) {
      const ordinals = dealt.flatMap((odd) => (odd?.oddity === oddity ? [odd.ordinal] : []))
      assert.deepEqual(
        ordinals.toSorted((a, b) => a - b),
        Array.from({ length: count(rows) }, (_, ordinal) => ordinal),
        oddity,
      )
    }
  }
  assert.throws(() => dealOddities(20), /at least 100/)
})
