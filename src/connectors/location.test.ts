import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

import { errorCode } from '#connectors/conformance.ts'
import { discoverPartitions, fillLocation, templateGrain } from '#connectors/location.ts'
import { openConnector } from '#connectors/registry.ts'
import { testContext } from '#connectors/conformance.ts'

test('placeholders take the parts of the key and the tenant', () => {
  const template = 's3://{tenant}-data/{yyyy}/{MM}/{yyyy}-{MM}-{dd}T{HH}.csv'
  assert.equal(
    fillLocation(template, '2021-04-17T05', 'acme'),
    's3://acme-data/2021/04/2021-04-17T05.csv',
  )
  assert.equal(fillLocation('/data/{yyyy}.csv', '2021-04', 'acme'), '/data/2021.csv')
  assert.equal(fillLocation('./samples/aliases.csv', 'all', 'acme'), './samples/aliases.csv')
  assert.equal(fillLocation('/data/$&/{MM}', '2021-04', 'acme'), '/data/$&/04')
})

test('a placeholder that the key does not tell is refused', () => {
  for (const [template, key] of [
    ['/data/{yyyy}/{MM}/{dd}.csv', '2021-04'],
    ['/data/{yyyy}.csv', 'all'],
    ['/data/{yyyy}/{month}.csv', '2021-04'],
    ['/data/{}.csv', '2021-04'],
  ] as const) {
    assert.throws(
      () => fillLocation(template, key, 'acme'),
      errorCode('location-invalid'),
      template,
    )
  }
})

test('the grain of a template is its finest placeholder, with all coarser ones present', () => {
  assert.equal(templateGrain('/data/x.csv'), 'none')
  assert.equal(templateGrain('/data/{tenant}/x.csv'), 'none')
  assert.equal(templateGrain('/data/{yyyy}.csv'), 'year')
  assert.equal(templateGrain('/data/{MM}-{yyyy}.csv'), 'month')
  assert.equal(templateGrain('/data/{yyyy}{MM}{dd}'), 'day')
  assert.equal(templateGrain('/data/{yyyy}{MM}{dd}{HH}'), 'hour')
  assert.throws(() => templateGrain('/data/{MM}.csv'), errorCode('location-invalid'))
})

const exam = { key: { name: 'exam', values: null } }

test('the value of a key stands where its name does', () => {
  const template = 's3://b/{exam}/{yyyy}-{MM}/{exam}.csv'
  const cut = { grain: 'month', ...exam } as const
  assert.equal(
    fillLocation(template, '2021-04:a%3Ab%20c', 'acme', cut),
    's3://b/a:b c/2021-04/a:b c.csv',
  )
  assert.equal(
    fillLocation('/d/{exam}.csv', '2021', 'acme', { grain: 'none', ...exam }),
    '/d/2021.csv',
  )
  assert.throws(
    () => fillLocation('/d/{exam}/{yyyy}.csv', '2021', 'acme'),
    /unknown placeholder \{exam\}/,
  )
})

test('a value that would lead elsewhere is refused, whoever names it', () => {
  for (const value of ['..%2F..%2Fetc', '%2Fetc', '.%2E', '.']) {
    assert.throws(
      () => fillLocation('/d/{exam}/x.csv', value, 'acme', { grain: 'none', ...exam }),
      errorCode('location-invalid'),
      value,
    )
  }
})

test('the values of a key are found where objects lie, and each leads back to its object', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-location-'))
  t.after(() => rm(folder, { recursive: true }))
  const names = ['exam-17', 'a:b c', 'all', '2021-04', '試験', '100%', "it's", '...']
  for (const name of names) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, '2021-04.csv'), '')
    await writeFile(join(folder, name, 'readme.txt'), '')
  }
  const template = `${folder}/{exam}/{yyyy}-{MM}.csv`
  const cut = { grain: 'month', ...exam } as const
  const connector = openConnector(template, {}, testContext)
  const found = await discoverPartitions(connector, template, { tenant: 'acme', ...cut })
  assert.deepEqual(
    found.map(({ partition }) => partition),
    ['%61ll', '100%25', '.%2E%2E', '2021-04', 'a%3Ab%20c', 'exam-17', 'it%27s', '試験']
      .map((text) => `2021-04:${text}`)
      .toSorted(),
  )
  for (const { partition, info } of found) {
    assert.equal(fillLocation(template, partition, 'acme', cut), info.location)
  }
  const static_ = { grain: 'month', key: { name: 'exam', values: ['exam-17', 'other'] } } as const
  const listed = await discoverPartitions(connector, template, { tenant: 'acme', ...static_ })
  assert.deepEqual(
    listed.map(({ partition }) => partition),
    ['2021-04:exam-17'],
  )
})

test('a location that does not name the key of its source is refused', async () => {
  const connector = openConnector('/data/{yyyy}.csv', {}, testContext)
  await assert.rejects(
    discoverPartitions(connector, '/data/{yyyy}.csv', { tenant: 'acme', grain: 'year', ...exam }),
    /lacks \{exam\}/,
  )
})

test('partitions are not looked for where the template is cut otherwise than the source', async () => {
  const connector = openConnector('/data/{yyyy}.csv', {}, testContext)
  await assert.rejects(
    discoverPartitions(connector, '/data/{yyyy}.csv', { tenant: 'acme', grain: 'month' }),
    errorCode('location-invalid'),
  )
})
