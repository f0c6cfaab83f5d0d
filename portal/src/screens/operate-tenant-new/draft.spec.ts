import { expect, test } from 'vitest'

import {
  emptyDraft,
  firstOpen,
  fromStored,
  noSource,
  problemsOf,
  toInput,
  toStored,
} from './draft.ts'

const good = {
  ...emptyDraft('key-1', 'Europe/Berlin'),
  slug: 'acme',
  name: ' Acme & Söhne ',
}

test('each step says which field stands in the way', () => {
  expect(Object.keys(problemsOf(emptyDraft('k', 'Mars/Base'), 'details'))).toEqual([
    'slug',
    'name',
    'timeZone',
  ])
  expect(problemsOf(good, 'details')).toEqual({})
  expect(Object.keys(problemsOf({ ...good, isolation: 'cell' }, 'place'))).toEqual(['cell'])
  expect(Object.keys(problemsOf({ ...good, packs: [] }, 'packs'))).toEqual(['packs'])
  const sources = { events: { ...noSource, location: 'ftp://x' } }
  expect(Object.keys(problemsOf({ ...good, sources }, 'sources'))).toEqual(['events'])
  expect(Object.keys(problemsOf({ ...good, weight: '0', rate: 'often' }, 'limits'))).toEqual([
    'weight',
    'rate',
  ])
  expect(Object.keys(problemsOf({ ...good, colour: 'red' }, 'looks'))).toEqual(['colour'])
  expect(Object.keys(problemsOf({ ...good, logo: 'data:text/html;base64,AAAA' }, 'looks'))).toEqual(
    ['logo'],
  )
})

test('the first step that is not good is where it goes on', () => {
  expect(firstOpen(emptyDraft('k', 'UTC'))).toBe('details')
  expect(firstOpen({ ...good, weight: 'x' })).toBe('limits')
  expect(firstOpen(good)).toBe('make')
})

test('what was left empty is not sent', () => {
  expect(toInput(good)).toEqual({
    slug: 'acme',
    name: 'Acme & Söhne',
    timeZone: 'Europe/Berlin',
    weight: 100,
    idempotencyKey: 'key-1',
  })
  const sources = { events: { ...noSource, location: '/data', anonymous: true }, other: noSource }
  expect(toInput({ ...good, sources, limit: '3', packs: ['events'] })).toMatchObject({
    sources: { events: { location: '/data', anonymous: true } },
    limit: 3,
    packs: ['events'],
  })
})

test('secrets are not kept in the browser, and a spoilt draft is none', () => {
  const sources = { events: { ...noSource, location: '/data', secretAccessKey: 'geheim' } }
  const stored = toStored({ ...good, sources })
  expect(stored).not.toContain('geheim')
  const empty = emptyDraft('k', 'UTC')
  expect(fromStored(stored, empty)?.sources['events']?.location).toBe('/data')
  expect(fromStored('{"step":"nowhere","slug":"a"}', empty)).toBe(null)
  expect(fromStored('not json', empty)).toBe(null)
})
