import { expect, test } from 'vitest'

import {
  actorOf,
  changesOf,
  countsOf,
  detailOf,
  hiddenFields,
  isLook,
  subjectOf,
} from '~/screens/audit/changes.ts'

const row = (seq: number, action: string, detail: object) => ({
  seq,
  actor: 'operator',
  action,
  detail: JSON.stringify(detail),
})

test('a change stands beside what was said about the same thing before', () => {
  const now = row(9, 'tenants.configure', { slug: 'a', timeZone: 'Europe/Berlin', name: 'B' })
  const older = [
    row(8, 'tenants.configure', { slug: 'other', timeZone: 'Asia/Tokyo' }),
    row(7, 'keys.create', { name: 'B', timeZone: 'Mars' }),
    row(6, 'tenants.configure', { slug: 'a', timeZone: 'UTC' }),
    row(5, 'tenants.configure', { slug: 'a', timeZone: 'Europe/Paris' }),
  ]
  expect(changesOf(now, older)).toEqual([
    { field: 'timeZone', after: 'Europe/Berlin', before: 'UTC' },
    { field: 'name', after: 'B', before: undefined },
  ])
})

test('what names the thing is what the row is about', () => {
  expect(subjectOf(row(1, 'keys.revoke', { key: 'mk_1' }))).toBe('mk_1')
  expect(subjectOf(row(1, 'keys.create', { name: 'nightly', permissions: ['read'] }))).toBe(
    'nightly',
  )
  expect(subjectOf(row(1, 'embeds.create', { endpoint: 'e', title: 'T' }))).toBe('T')
  expect(subjectOf(row(1, 'unknown.thing', {}))).toBe('')
})

test('details that are no objects, and fields whose values are not kept', () => {
  expect(detailOf({ ...row(1, 'a.b', {}), detail: 'no json' })).toEqual({})
  expect(detailOf({ ...row(1, 'a.b', {}), detail: '[1]' })).toEqual({})
  expect(hiddenFields(row(1, 'a.b', { $fields: ['secret'] }))).toEqual(['secret'])
})

test('who did it is told by kind and name', () => {
  expect(actorOf('user usr_1 anna@example.com')).toEqual({ kind: 'user', name: 'anna@example.com' })
  expect(actorOf('key mk_1')).toEqual({ kind: 'key', name: 'mk_1' })
  expect(actorOf('operator')).toEqual({ kind: 'operator', name: '' })
  expect(actorOf('scheduler')).toEqual({ kind: 'system', name: 'scheduler' })
})

test('looks are told from changes', () => {
  expect(isLook('endpoints.export-traffic')).toBe(true)
  expect(isLook('keys.create')).toBe(false)
  expect(isLook('nothing.of-this-name')).toBe(false)
})

test('the most frequent come first', () => {
  expect(countsOf(['a', 'b', 'b', 'c', 'b', 'c'], 2)).toEqual([
    ['b', 3],
    ['c', 2],
  ])
})
