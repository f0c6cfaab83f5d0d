import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { createTenant } from '#catalog/tenants.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { checkStore } from '../../test/support/check-store.ts'
import { filesHolding, hashesBelow, tablesHolding } from '../../test/support/lake-bytes.ts'
import { waitForEnd } from '../../test/support/open-parts.ts'
import { ownDatabase } from '../../test/support/own-database.ts'
import { publishedRows, withDuckdb } from '../../test/support/published.ts'
import {
  buildSubjectWorld,
  csvField,
  partitionsErased,
  type SubjectWorld,
} from '../../test/support/subject-world.ts'

/** Quotes, a comma, an umlaut and 10 kB. */
const CANARY = `Zoë "O'Canary", Ltd. ${'canary'.repeat(1_700)}`
const PEOPLE = ['bob', CANARY, 'carol', "d'arc", '王']

interface Row {
  readonly id: string
  readonly at: string
  readonly who: string
  readonly seconds: number
}

/** Rows of a month, some of which cannot be read. */
function rowsOf(month: string, salt: number): Row[] {
  return Array.from({ length: 60 }, (_, n) => ({
    id: `${month}-${n}`,
    at:
      n % 20 === 5 || n % 20 === 6
        ? 'soon'
        : `${month}-${String(1 + ((n * 7 + salt) % 28)).padStart(2, '0')}`,
    who: PEOPLE[(n + salt) % PEOPLE.length] as string,
    seconds: n + salt,
  }))
}

const line = ({ id, at, who, seconds }: Row) =>
  `${id},${at},${csvField(who)},${seconds % 3},${seconds}`
const months = ['2021-03', '2021-04'] as const

async function fill(world: SubjectWorld): Promise<Row[]> {
  const { millrace } = world
  // What a corrected file replaces is a former version: it holds the person, too.
  for (const salt of [0, 1]) {
    for (const month of months) await world.write(month, rowsOf(month, salt).map(line))
    await millrace.runWell({ datasets: ['visits'], partitions: [...months] })
  }
  // A record that cannot be told into fields is held back with the person in it.
  const rows = months.flatMap((month) => rowsOf(month, 1))
  const bad = `x1,2021-04-02,${csvField(CANARY)},1,2,too,many`
  const good = `x2,2021-04-02,bob,1,2,too,many`
  await world.write('2021-04', [...rowsOf('2021-04', 1).map(line), bad, good])
  await millrace.runWell({ datasets: ['visits'], partitions: ['2021-04'] })
  return rows
}

const engines = {
  'PGlite and a lake on disk': async () => ({}),
  'PostgreSQL and a lake on disk': async (t: TestContext) => {
    const databaseUrl = await ownDatabase(t)
    return databaseUrl === null ? null : { databaseUrl }
  },
}

for (const [name, optionsOf] of Object.entries(engines)) {
  test(`who is erased is in no file and no row any more, and stays out: ${name}`, async (t) => {
    const options = await optionsOf(t)
    if (!options) return t.skip('no PostgreSQL is installed')
    const world = await buildSubjectWorld(t, options)
    const { millrace } = world
    const { parts, tenant } = millrace
    const lake = join(millrace.home, 'lake')
    const rows = await fill(world)
    const other = await createTenant(parts.catalog, 'other')
    await parts.catalog.asTenant(other, (session) =>
      setSourceOptions(session, 'visits', { location: `${world.folder}/{yyyy}-{MM}.csv` }),
    )
    const request = { datasets: ['visits'], partitions: [...months], mode: 'run' as const }
    const why = { cause: 'test', title: 'test' }
    const { run } = await parts.factory.start(other, request, why)
    await waitForEnd(parts, other, run?.id ?? '')
    const own = join(lake, tenant.slug)
    const foreign = hashesBelow(join(lake, other.slug))
    const holding = async () => [
      ...(await filesHolding(own, CANARY)),
      ...(await filesHolding(own, CANARY.replaceAll('"', '""'))),
    ]
    const former = await holding()
    const held = former.filter((path) => path.includes('quarantine'))
    assert.ok(
      former.length >= 8 && held.length >= 3,
      `there is something to erase: ${former.join(' ')}`,
    )
    assert.ok(foreign.size > 0)

    const erasure = await world.erase('person', CANARY)
    const proven = await partitionsErased(millrace, erasure.id)
    const good = rows.filter(({ at, who }) => who === CANARY && at !== 'soon')
    const ofSources = proven.filter(({ isSource }) => isSource)
    assert.equal(
      ofSources.reduce((sum, each) => sum + each.rows, 0),
      good.length,
    )
    const quarantined = rows.filter(({ at, who }) => who === CANARY && at === 'soon').length + 1
    assert.equal(
      ofSources.reduce((sum, each) => sum + each.quarantined, 0),
      quarantined,
    )
    assert.equal(erasure.proof.filesPurged, former.length)

    await assertGone('at the end of the erasure')
    await assertNumbers()
    assert.deepEqual(hashesBelow(join(lake, other.slug)), foreign, 'nothing of another tenant')

    const version = await versionOf('2021-04')
    const again = { datasets: ['visits'], partitions: ['2021-04'], mode: 'rerun' as const }
    await millrace.runWell(again)
    await assertGone('after the same file was read again')
    assert.equal(await versionOf('2021-04'), version, 'the same rows have the same data version')
    await world.write('2021-05', [`y1,2021-05-01,${csvField(CANARY)},1,2`, 'y2,2021-05-01,bob,1,2'])
    await millrace.runWell({ datasets: ['visits'], partitions: ['2021-05'] })
    await assertGone('after another file brought the person')
    assert.equal((await publishedRows(millrace, 'visits', ['2021-05'])).length, 1)
    assert.equal(await millrace.run({ datasets: ['visits'], partitions: [...months] }), null)
    assert.deepEqual((await checkStore(parts.catalog, tenant, lake)).faults, [])

    async function assertGone(when: string): Promise<void> {
      assert.deepEqual(await holding(), [], when)
      assert.deepEqual(await tablesHolding(parts, tenant, CANARY), [], when)
    }

    async function assertNumbers(): Promise<void> {
      const expected = await withDuckdb(async (connection) => {
        const files = months.map((month) => `'${world.folder}/${month}.csv'`).join(', ')
        const reader = await connection.runAndReadAll(
          `SELECT who, count(*) AS n, sum(seconds::BIGINT)::BIGINT AS seconds
           FROM read_csv([${files}], auto_detect = false, header = true, delim = ',', quote = '"',
             escape = '"', ignore_errors = true,
             columns = {id: 'VARCHAR', "at": 'VARCHAR', who: 'VARCHAR', device: 'VARCHAR', seconds: 'VARCHAR'})
           WHERE try_cast("at" AS DATE) IS NOT NULL AND NOT contains(who, 'canary') GROUP BY who ORDER BY who`,
        )
        return reader.getRowObjectsJson()
      })
      const sums = new Map<string, { n: number; seconds: number }>()
      for (const row of await publishedRows(millrace, 'people_by_month')) {
        const sum = sums.get(String(row['who'])) ?? { n: 0, seconds: 0 }
        sums.set(String(row['who']), {
          n: sum.n + Number(row['n']),
          seconds: sum.seconds + Number(row['seconds']),
        })
      }
      const found = [...sums].map(([who, { n, seconds }]) => ({
        who,
        n: `${n}`,
        seconds: `${seconds}`,
      }))
      assert.deepEqual(
        found.toSorted((a, b) => (a.who < b.who ? -1 : 1)),
        expected,
      )
    }

    async function versionOf(partition: string): Promise<string> {
      const [row] = await parts.catalog.asTenant(tenant, (session) =>
        session.query<{ version: string }>(
          `SELECT data_version AS version FROM partition_pointer
           WHERE tenant_id = $1 AND dataset = 'visits' AND partition = $2`,
          [tenant.id, partition],
        ),
      )
      return row?.version ?? ''
    }
  })
}
