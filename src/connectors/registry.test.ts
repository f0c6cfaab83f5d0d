import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'

import { errorCode, testContext } from '#connectors/conformance.ts'
import { connectorFor, connectorTypes, openConnector } from '#connectors/registry.ts'

test('every folder beside the registry is in it', () => {
  const entries = readdirSync(import.meta.dirname, { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  assert.deepEqual(connectorTypes.map((type) => type.name).toSorted(), folders.toSorted())
})

test('no two connectors serve one scheme', () => {
  const schemes = connectorTypes.flatMap((type) => type.schemes)
  assert.equal(new Set(schemes).size, schemes.length)
})

test('the scheme chooses the connector', () => {
  const chosen = {
    's3://bucket/key': 's3',
    'S3://bucket/key': 's3',
    'traffic://endpoints/2026/11/22.ndjson': 'traffic',
    'file:///data/x.csv': 'file',
    '/data/x.csv': 'file',
    './data/{yyyy}/x.csv': 'file',
    'x:y.csv': 'file',
    'data/12:30.csv': 'file',
  }
  for (const [location, name] of Object.entries(chosen)) {
    assert.equal(connectorFor(location).name, name, location)
  }
})

test('an unknown scheme is named, with those that are served', () => {
  assert.throws(
    () => connectorFor('gs://bucket/key'),
    (error) => {
      errorCode('connector-unknown')(error)
      return /"gs:"/.test(String(error))
    },
  )
})

test('options that a connector does not know are refused by name', () => {
  const location = '/data/x.csv'
  assert.throws(
    () => openConnector(location, { region: 'eu-west-1' }, testContext),
    (error) => {
      errorCode('input-invalid')(error)
      return /region/.test(String(error))
    },
  )
  const both = { anonymous: true, accessKeyId: 'a', secretAccessKey: 'b' }
  assert.throws(() => openConnector('s3://b/k', both, testContext), errorCode('input-invalid'))
  const half = { accessKeyId: 'a' }
  assert.throws(() => openConnector('s3://b/k', half, testContext), errorCode('input-invalid'))
})

test('opening an S3 connector does not load its library yet', () => {
  openConnector('s3://bucket/key', { anonymous: true }, testContext)
  const { cache } = createRequire(import.meta.url)
  assert.deepEqual(
    Object.keys(cache).filter((path) => path.includes('@aws-sdk')),
    [],
  )
})
