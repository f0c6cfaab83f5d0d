import { describe, expect, test } from 'vitest'

import { recordFields, splitCsv } from '~/intake/record-fields.ts'

describe('a record in fields', () => {
  test('CSV by the header, with the faulty field marked whatever its case', () => {
    const held = { raw: 'yesterday,"a, ""b""\nc",7,more', column: 'AT', value: 'yesterday' }
    expect(recordFields(held, 'csv', ['at', 'meter', 'value'])).toEqual([
      { name: 'at', text: 'yesterday', isFaulty: true },
      { name: 'meter', text: 'a, "b"\nc', isFaulty: false },
      { name: 'value', text: '7', isFaulty: false },
      { name: null, text: 'more', isFaulty: false },
    ])
  })

  test('a record with too few fields has empty ones', () => {
    const held = { raw: '2021-04-04,north', column: null, value: null }
    expect(recordFields(held, 'csv', ['at', 'meter', 'value'])?.[2]).toEqual({
      name: 'value',
      text: '',
      isFaulty: false,
    })
  })

  test('JSON by its keys; what is none stays as it is', () => {
    const held = { raw: '{"at":"x","n":[1,2]}', column: 'n', value: '[1,2]' }
    expect(recordFields(held, 'ndjson', null)).toEqual([
      { name: 'at', text: 'x', isFaulty: false },
      { name: 'n', text: '[1,2]', isFaulty: true },
    ])
    expect(recordFields({ ...held, raw: '{"at":' }, 'ndjson', null)).toBeNull()
  })

  test('an unclosed quote takes the rest', () => {
    expect(splitCsv('a,"b,c')).toEqual(['a', 'b,c'])
  })
})
