import { expect, test } from 'vitest'

import { byDataset, spanOf, stripOf } from '~/screens/subjects/places.ts'

test('sources come first, then what has most rows', () => {
  const place = (dataset: string, isSource: boolean, partition: string, rows: number) => ({
    dataset,
    isSource,
    partition,
    rows,
  })
  const found = byDataset([
    place('top', false, '2021-03', 900),
    place('visits', true, '2021-03', 2),
    place('visits', true, '2021-04', 3),
    place('few', false, '2021-03', 1),
  ])
  expect(found.map(({ dataset, rows }) => [dataset, rows])).toEqual([
    ['visits', 5],
    ['top', 900],
    ['few', 1],
  ])
  expect(found[0]?.places).toHaveLength(2)
})

test('each is shown where it was seen within the time of all', () => {
  const one = { firstSeen: '2021-01-01T00:00:00Z', lastSeen: '2021-01-03T00:00:00Z' }
  const other = { firstSeen: '2021-01-05T00:00:00Z', lastSeen: '2021-01-05T00:00:00Z' }
  const never = { firstSeen: null, lastSeen: null }
  const span = spanOf([one, other, never])
  expect(stripOf(one, span)).toEqual({ from: 0, width: 0.5 })
  expect(stripOf(other, span)).toEqual({ from: 1, width: 0 })
  expect(stripOf(never, span)).toBeNull()
  expect(spanOf([never])).toBeNull()
})
