import { expect, test } from 'vitest'

import {
  deliveryInput,
  emptyDelivery,
  problemOfDelivery,
} from '~/screens/deliveries/delivery-draft.ts'
import { emptyAsked } from '~/sending/asked-draft.ts'
import { fileDraft } from '~/sending/target-draft.ts'

const asked = { ...emptyAsked, kind: 'dataset' as const, dataset: 'days' }

test('a file for people is safe in a spreadsheet, kept as long as was said, and mailed to those named', () => {
  const draft = { ...emptyDelivery, asked, name: 'days', downloads: '2', mail: 'ada@example.com' }
  expect(deliveryInput(draft)).toEqual({
    dataset: 'days',
    format: 'csv',
    cells: 'spreadsheet',
    title: 'days',
    mail: ['ada@example.com'],
    attach: false,
    keep: '7d',
    downloads: 2,
  })
})

test('rows for a database are as they are, and nobody is mailed a chart who is not named', () => {
  const chart = { kind: 'bar' as const, x: 'day', y: ['events'] }
  const place = { ...fileDraft, target: 'warehouse', kind: 'postgres', table: 'days' }
  expect(deliveryInput({ ...emptyDelivery, asked, place, chart })).toEqual({
    dataset: 'days',
    format: 'ndjson',
    cells: 'raw',
    target: 'warehouse',
    targetOptions: { table: 'days', mode: 'swap' },
    mail: [],
  })
})

test('what lacks is said before it is sent', () => {
  expect(problemOfDelivery(emptyDelivery, false)).toBe('subject')
  const draft = { ...emptyDelivery, asked }
  expect(problemOfDelivery(draft, false)).toBe('parameters')
  expect(problemOfDelivery(draft, true)).toBeNull()
  expect(problemOfDelivery({ ...draft, name: 'a/b' }, true)).toBe('name')
  expect(problemOfDelivery({ ...draft, mail: 'ada' }, true)).toBe('mail')
  const place = { ...fileDraft, target: 'w', kind: 'postgres', mode: 'upsert' as const }
  expect(problemOfDelivery({ ...draft, place }, true)).toBe('key')
})
