import { expect, test } from 'vitest'

import { askedDraftOf, askedInput, emptyAsked, withSubject } from '~/sending/asked-draft.ts'

test('a question goes through the form unchanged', () => {
  const endpoint = {
    endpoint: 'top',
    version: 3,
    parameters: { month: 'latest' },
    where: { who: 'eq.a', day: ['ge.2021-04-01', 'lt.2021-05-01'] },
    select: ['who', 'events'],
    sort: ['-events', 'who'],
  }
  expect(askedInput(askedDraftOf(endpoint))).toEqual(endpoint)
  const dataset = { dataset: 'days', partition: '2021-04', sort: ['day'] }
  expect(askedInput(askedDraftOf(dataset))).toEqual(dataset)
})

test('another subject takes no columns and no parameters of the former one along', () => {
  const former = askedDraftOf({
    endpoint: 'top',
    version: 3,
    parameters: { month: 'latest' },
    where: { who: 'eq.a' },
    sort: ['-events'],
  })
  expect(withSubject(former, { endpoint: 'other' })).toEqual({ ...emptyAsked, endpoint: 'other' })
})
