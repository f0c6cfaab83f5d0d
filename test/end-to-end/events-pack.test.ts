import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { memoryCodeVersions } from '#definitions/code-versions.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { readPack } from '#definitions/read-pack.ts'
import type { Pack } from '#model/definition.ts'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { runPackPlainly } from './events-truth-plain.ts'
import { differencesFrom } from './events-truth-rows.ts'
import { truthOf } from './events-truth.ts'

const folder = join(import.meta.dirname, '..', '..', 'packs', 'events')
const twin = { seed: 7, months: ['2021-04', '2021-06'], rowsPerMonth: 2500 }

async function readEventsPack(t: TestContext): Promise<Pack> {
  const parser = openDuckdbParser()
  t.after(() => parser.close())
  return readPack(folder, {
    serializeSql: parser.serializeSql,
    codeVersions: memoryCodeVersions(),
  })
}

async function writeSample(t: TestContext): Promise<Map<string, string>> {
  const sample = await mkdtemp(join(tmpdir(), 'millrace-twin-'))
  t.after(() => rm(sample, { recursive: true, force: true }))
  const { months } = await writeTwin(sample, twin)
  return new Map(months.map(({ month, path }) => [month, path]))
}

type Published = Map<string, Map<string, Record<string, unknown>[]>>

/** Dataset → partition → rows in the order that the analysis promises. */
async function publishPlainly(
  pack: Pack,
  files: ReadonlyMap<string, string>,
  options?: { readonly shuffledBy: number },
): Promise<Published> {
  const { connection, close } = await runPackPlainly(pack, files, options)
  const published: Published = new Map()
  for (const dataset of pack.datasets) {
    if (dataset.kind === 'source') continue
    assert.ok(dataset.order, `${dataset.name} promises no order`)
    const result = await connection.runAndReadAll(
      `SELECT * FROM tables."${dataset.name}" ORDER BY _partition, ${dataset.order}`,
    )
    const rows = result.getRowObjectsJson().map(({ _partition, ...row }) => ({ _partition, row }))
    const partitions = Map.groupBy(rows, ({ _partition }) => `${_partition as string}`)
    published.set(
      dataset.name,
      new Map([...partitions].map(([key, of]) => [key, of.map(({ row }) => row)])),
    )
  }
  close()
  return published
}

async function assertTrue(pack: Pack, files: ReadonlyMap<string, string>): Promise<void> {
  const list = readFileSync(join(folder, 'reference', 'mail_providers.csv'), 'utf8')
  const truth = await truthOf(files, new Set(list.trim().split('\n').slice(1)))
  const published = await publishPlainly(pack, files)
  assert.deepEqual([...published.keys()].toSorted(), [...truth.datasets.keys()].toSorted())
  for (const [name, partitions] of published) {
    const right = truth.datasets.get(name) ?? new Map()
    assert.ok(partitions.size > 0, `${name} has no rows`)
    for (const key of new Set([...partitions.keys(), ...right.keys()])) {
      const differences = differencesFrom(
        right.get(key) ?? [],
        partitions.get(key) ?? [],
        `${name} ${key}`,
      )
      assert.deepEqual(differences, [])
    }
  }
}

test('every figure of the sample with its oddities equals the independent computation', async (t) => {
  await assertTrue(await readEventsPack(t), await writeSample(t))
})

test('every figure of real months equals the independent computation', async (t) => {
  const data = process.env['MILLRACE_TEST_DATA']
  if (!data) return t.skip('MILLRACE_TEST_DATA names no folder with real data')
  const months = ['2021-12', '2022-01', '2022-02', '2024-02']
  const files = new Map(
    months.map((month) => [month, join(data, 'events', month.replace('-', '/'), 'events.csv')]),
  )
  for (const path of files.values()) assert.ok(existsSync(path), `${path} is not there`)
  await assertTrue(await readEventsPack(t), files)
})

test('no analysis hangs on the order in which its input comes', async (t) => {
  const pack = await readEventsPack(t)
  const files = await writeSample(t)
  const once = await publishPlainly(pack, files)
  assert.deepEqual(await publishPlainly(pack, files, { shuffledBy: 1 }), once)
  assert.deepEqual(await publishPlainly(pack, files, { shuffledBy: 2 }), once)
})

test('the sample has ties inside its top lists, and their size is told', async (t) => {
  const published = await publishPlainly(await readEventsPack(t), await writeSample(t))
  for (const [list, name] of [
    ['top_users', 'email'],
    ['top_companies', 'company'],
  ] as const) {
    const rows = published.get(list)?.get('2021-04') ?? []
    assert.ok(
      rows.some(({ tied }) => Number(tied) > 1),
      list,
    )
    for (const [index, row] of rows.entries()) {
      const before = rows[index - 1]
      if (!before || before['events'] !== row['events']) continue
      assert.equal(row['rank'], before['rank'])
      assert.ok(Buffer.from(String(before[name])) < Buffer.from(String(row[name])), list)
    }
  }
})
