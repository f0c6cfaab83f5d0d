import { describe, expect, it } from 'vitest'

import { inputOf, questionOf, whereText } from '~/rows/question.ts'

describe('a question in an address', () => {
  it('is the same again, whatever stands in its values', () => {
    const where = [
      { column: 'a,b', op: 'in', value: '["x,y"]' },
      { column: 'n', op: 'ge', value: '10' },
      { column: 'n', op: 'lt', value: '20' },
    ] as const
    const question = questionOf({
      endpoint: 'top',
      'p.month': '2021-04',
      where: whereText(where) ?? '',
      sort: '-n',
    })
    expect(question?.where).toEqual(where)
    expect(question?.parameters).toEqual({ month: '2021-04' })
    expect(question && inputOf(question)).toEqual({
      endpoint: 'top',
      parameters: { month: '2021-04' },
      where: { 'a,b': 'in.["x,y"]', n: ['ge.10', 'lt.20'] },
      sort: ['-n'],
    })
  })

  it('leaves out what cannot be read, and is none without a subject', () => {
    expect(questionOf({})).toBeNull()
    const question = questionOf({ dataset: 'd', where: '[["a","drop","1"],5]', columns: '{' })
    expect(question?.where).toEqual([])
    expect(question?.select).toBeNull()
  })
})
