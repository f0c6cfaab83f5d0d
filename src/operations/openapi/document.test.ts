import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { Validator } from '@seriousme/openapi-schema-validator'

import { errorCatalog } from '#kernel/error-catalog.ts'
import { takesIdempotencyKey } from '#operations/idempotency/takes-key.ts'
import { openApiDocument } from '#operations/openapi/document.ts'
import { tagOf, tagTexts } from '#operations/openapi/tags.ts'
import { operations } from '#operations/registry.gen.ts'

const options = { publicUrl: 'https://data.example.com/millrace/', version: '1.2.3' }
const document = openApiDocument(operations, options)
const items = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, ...operation })),
)

async function validate(candidate: Record<string, unknown>) {
  return new Validator().validate(structuredClone(candidate))
}

test('an independent validator finds no fault, and finds one that is planted', async () => {
  const { valid, errors } = await validate({ ...document })
  assert.equal(valid, true, JSON.stringify(errors ?? [], null, 2).slice(0, 2000))
  const [path = '', item = {}] = Object.entries(document.paths)[0] ?? []
  const broken = {
    ...document,
    paths: { ...document.paths, [path]: { ...item, get: { tags: 1 } } },
  }
  assert.equal((await validate(broken)).valid, false)
})

test('every operation stands in it once, under its own name', () => {
  const named = items.map(({ operationId }) => operationId).sort()
  assert.deepEqual(named, operations.map(({ name }) => name).sort())
  assert.deepEqual(document.servers, [{ url: 'https://data.example.com/millrace' }])
})

test('what stands in braces is a required parameter, and nothing else is in the path', () => {
  for (const { path, parameters = [] } of items) {
    const braces = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).toSorted()
    const inPath = parameters.flatMap((parameter) =>
      'in' in parameter && parameter.in === 'path' ? [parameter] : [],
    )
    assert.deepEqual(inPath.map(({ name }) => name).sort(), braces)
    assert.ok(inPath.every(({ required }) => required))
  }
})

test('every reference leads somewhere', () => {
  const text = JSON.stringify(document)
  const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)]
  assert.ok(references.length > 100)
  assert.equal(references.length, text.split('"$ref"').length - 1)
  for (const [, kind = '', name = ''] of references) {
    assert.ok(document.components[kind]?.[name], `${kind}/${name}`)
  }
})

test('what changes something in a tenant takes a key that makes it happen once', () => {
  const reference = '#/components/parameters/IdempotencyKey'
  for (const { operationId, parameters = [] } of items) {
    const operation = operations.find(({ name }) => name === operationId)
    const takes = parameters.some(
      (parameter) => '$ref' in parameter && parameter.$ref === reference,
    )
    assert.equal(takes, operation && takesIdempotencyKey(operation), operationId)
  }
})

test('problems carry codes of the catalogue, each with its section in the reference', () => {
  const page = readFileSync(new URL('../../../docs/reference/errors.md', import.meta.url), 'utf8')
  const codes = items.flatMap((item) => item['x-codes'] ?? [])
  assert.ok(codes.includes('run-unknown'))
  for (const code of new Set(codes)) {
    assert.ok(code in errorCatalog, code)
    assert.ok(page.includes(`### \`${code}\`\n`), code)
  }
})

test('every resource is described', () => {
  const missing = operations.map(({ name }) => tagOf(name)).filter((tag) => !(tag in tagTexts))
  assert.deepEqual([...new Set(missing)], [])
})
