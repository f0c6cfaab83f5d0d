import { expect, test } from 'vitest'

import { byDataset } from '~/screens/subjects/places.ts'

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
