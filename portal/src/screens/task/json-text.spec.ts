import { expect, test } from 'vitest'

import { jsonText } from '~/screens/task/json-text.ts'

test('data come out as JSON, whatever they are', () => {
  for (const value of [null, 'a"<b>', 1.5, [], {}, [1, [2]], { a: { b: [true] } }]) {
    expect(JSON.parse(jsonText(value))).toEqual(value)
  }
})

test('integers beyond 2^53 stay as they are', () => {
  expect(jsonText({ id: 12345678901234567890n })).toBe('{\n  "id": 12345678901234567890\n}')
})
