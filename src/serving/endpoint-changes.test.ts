import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { EndpointParameter, EndpointVersion } from '#model/endpoint.ts'
import { changesBetween } from '#serving/endpoint-changes.ts'

const parameter = (more: Partial<EndpointParameter> = {}): EndpointParameter => ({
  name: 'top',
  type: 'integer',
  description: 'how many',
  default: '10',
  choices: null,
  min: '1',
  max: '100',
  ...more,
})

function version(
  parameters: readonly EndpointParameter[],
  columns: EndpointVersion['columns'] = null,
  notes: readonly string[] = [],
): EndpointVersion {
  const definition = {
    name: 'best',
    pack: 'shop',
    description: 'Best.',
    file: 'endpoints/best.sql',
    text: 'select 1',
    parameters,
    inputs: [],
    order: null,
    columns: notes.map((name) => ({ name, description: 'x' })),
    limits: { rows: null, seconds: null, bytes: null },
    drill: null,
    codeVersion: 'a',
  }
  const none = { createdAt: new Date(0), replacedAt: null, endsAt: null, isCurrent: true }
  return { number: 1, definition, columns, ...none }
}

const said = (from: EndpointVersion, to: EndpointVersion) =>
  changesBetween(from, to).map(
    ({ of, name, change, breaks }) => `${of} ${name} ${change}${breaks ? '!' : ''}`,
  )

const text = { type: 'text', min: null, max: null, default: 'a' } as const
const cases: readonly [string, EndpointParameter[], EndpointParameter[], string[]][] = [
  ['nothing', [parameter()], [parameter({ description: 'other words' })], []],
  ['a parameter that is gone', [parameter()], [], ['parameter top removed!']],
  ['a new one with a default', [], [parameter()], ['parameter top added']],
  ['a new one that is needed', [], [parameter({ default: null })], ['parameter top added!']],
  ['another type', [parameter()], [parameter({ type: 'double' })], ['parameter top changed!']],
  ['another default', [parameter()], [parameter({ default: '9' })], ['parameter top changed']],
  [
    'no default any more',
    [parameter()],
    [parameter({ default: null })],
    ['parameter top changed!'],
  ],
  ['a smaller range', [parameter()], [parameter({ max: '99' })], ['parameter top changed!']],
  [
    'a larger smallest value',
    [parameter()],
    [parameter({ min: '10' })],
    ['parameter top changed!'],
  ],
  [
    'a wider range',
    [parameter()],
    [parameter({ min: '0', max: null })],
    ['parameter top changed', 'parameter top changed'],
  ],
  ['a first limit', [parameter({ max: null })], [parameter()], ['parameter top changed!']],
  [
    'fewer choices',
    [parameter({ ...text, choices: ['a', 'b'] })],
    [parameter({ ...text, choices: ['a'] })],
    ['parameter top changed!'],
  ],
  [
    'more choices',
    [parameter({ ...text, choices: ['a'] })],
    [parameter({ ...text, choices: ['a', 'b'] })],
    ['parameter top changed'],
  ],
  [
    'choices where there were none',
    [parameter(text)],
    [parameter({ ...text, choices: ['a'] })],
    ['parameter top changed!'],
  ],
]

for (const [name, before, now, changes] of cases) {
  test(`between versions: ${name}`, () => {
    assert.deepEqual(said(version(before), version(now)), changes)
  })
}

test('between versions: columns by name and type, as far as they are known', () => {
  const column = (name: string, type = 'BIGINT') => ({ name, type })
  const from = version([], [column('a'), column('b'), column('c')])
  assert.deepEqual(said(from, version([], [column('c'), column('b', 'VARCHAR'), column('d')])), [
    'column a removed!',
    'column b changed!',
    'column d added',
  ])
  // What its author describes stands in for what the engine has not told yet.
  assert.deepEqual(said(from, version([], null, ['a', 'b', 'c'])), [])
})
