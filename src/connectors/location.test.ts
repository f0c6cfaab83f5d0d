import assert from 'node:assert/strict'
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

test('partitions are not looked for where the template is cut otherwise than the source', async () => {
  const connector = openConnector('/data/{yyyy}.csv', {}, testContext)
  await assert.rejects(
    discoverPartitions(connector, '/data/{yyyy}.csv', { tenant: 'acme', grain: 'month' }),
    errorCode('location-invalid'),
  )
})
