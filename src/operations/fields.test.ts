import assert from 'node:assert/strict'
import { test } from 'node:test'

import { z } from 'zod'

import { fieldsOf, queryReader } from '#operations/fields.ts'
import { defineOperation } from '#operations/operation.ts'

const texts = z.record(z.string(), z.union([z.string(), z.array(z.string())]))

const operation = defineOperation({
  name: 'samples.rows',
  summary: 'Gathers what a query holds',
  permission: 'read',
  rest: {
    method: 'GET',
    path: '/v1/samples/{sample}/rows',
    gathers: { parameters: '', where: 'where.' },
  },
  input: z.strictObject({
    sample: z.string().describe('Name.'),
    limit: z.int().optional().describe('At most so many.'),
    where: texts.default({}).describe('Conditions.'),
    parameters: texts.default({}).describe('Parameters.'),
  }),
  output: z.strictObject({}),
  handler: async () => ({}),
})
const readQuery = queryReader(fieldsOf(operation))

test('names of a query become entries of the field that they begin as', () => {
  const input = readQuery({
    limit: '10',
    'where.company': 'eq.acme',
    'where.events': ['gt.1', 'lt.9'],
    month: '2021-04',
  })
  assert.deepEqual(input, {
    limit: 10,
    where: { company: 'eq.acme', events: ['gt.1', 'lt.9'] },
    parameters: { month: '2021-04' },
  })
})

test('a parameter may be called as a gathered field is, and none reaches the prototype', () => {
  const input = readQuery({ where: 'x', parameters: 'y' })
  assert.deepEqual(Object.entries(input['parameters'] as object), [
    ['where', 'x'],
    ['parameters', 'y'],
  ])
  assert.equal(Object.getPrototypeOf(input['parameters']), Object.prototype)
  const hostile = readQuery(JSON.parse('{"__proto__":"z"}') as Record<string, string>)
  assert.deepEqual(Object.keys(hostile['parameters'] as object), ['__proto__'])
})
