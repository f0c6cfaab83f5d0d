import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { Validator } from '@seriousme/openapi-schema-validator'

import { fullAccess } from '#model/access.ts'
import type { MediaType, OpenApiDocument } from '#operations/openapi/openapi-types.ts'
import {
  entryLines,
  openAnswerWorld,
  type AnswerWorld,
} from '../../../test/support/answer-world.ts'

const TOP = '/v1/endpoints/top/rows'
let world: AnswerWorld

before(async () => {
  world = await openAnswerWorld()
  await world.publish('2021-04', entryLines('2021-04', 90))
})
after(() => world.close())

async function documentOf(key?: string, query = ''): Promise<OpenApiDocument> {
  const reply = await world.get(`/v1/tenant/openapi.json${query}`, key)
  assert.equal(reply.status, 200, reply.body)
  return reply.json<OpenApiDocument>()
}

const endpointsIn = ({ paths }: OpenApiDocument) =>
  Object.keys(paths).filter((path) => /^\/v1\/endpoints\/[^{/]+\/rows$/.test(path))

test('each endpoint is a path of its own, with its parameters, columns and real rows', async () => {
  const document = await documentOf()
  const { valid, errors } = await new Validator().validate(structuredClone({ ...document }))
  assert.equal(valid, true, JSON.stringify(errors ?? []).slice(0, 2000))
  assert.ok(endpointsIn(document).includes('/v1/endpoints/lines/rows'))
  const top = document.paths[TOP]?.get
  const parameters = new Map(
    (top?.parameters ?? []).flatMap((one) => ('name' in one ? [[one.name, one] as const] : [])),
  )
  assert.deepEqual(parameters.get('most')?.schema, {
    type: 'integer',
    minimum: 1,
    maximum: 100_000,
    default: 100,
  })
  const where = parameters.get('where')?.schema?.properties
  assert.deepEqual(Object.keys(where ?? {}), ['where.who', 'where.amount', 'where.entries'])
  const response = top?.responses['200']
  const content = (response && 'content' in response && response.content) || {}
  const { schema, example } = content['application/json'] as MediaType
  const row = schema.properties?.['rows']?.items
  assert.deepEqual(Object.keys(row?.properties ?? {}), ['who', 'amount', 'entries'])
  assert.deepEqual(row?.properties?.['entries']?.type, ['integer', 'null'])
  const { rows } = example as { rows: object[] }
  const asked = (await world.get(`${TOP}?limit=3`)).json<{ rows: object[] }>()
  assert.deepEqual(rows, asked.rows)
})

test('whoever sees less finds less in it', async () => {
  const key = await world.key({ ...fullAccess, endpoints: ['lines'] })
  assert.deepEqual(endpointsIn(await documentOf(key)), ['/v1/endpoints/lines/rows'])
})

test('without examples nothing is read', async () => {
  const document = await documentOf(undefined, '?examples=false')
  assert.ok(!JSON.stringify(document.paths[TOP]).includes('"rows":[{'))
})
