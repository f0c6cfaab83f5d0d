import { describe, expect, it } from 'vitest'

import { stretchOf, waterfallOf, type Cause } from '~/receipts/waterfall.ts'

const cause = (kind: string, rowsBefore: number | null, rowsAfter: number | null): Cause => ({
  kind,
  dataset: 'events',
  partition: '2021-04',
  text: kind,
  rowsBefore,
  rowsAfter,
})

describe('the waterfall of causes', () => {
  it('leads from before to after, the largest step first', () => {
    const told = waterfallOf([
      cause('rows-fixed', 10, 12),
      cause('rows-arrived', 100, 130),
      cause('code', null, null),
    ])
    expect(told.start).toBe(110)
    expect(told.end).toBe(142)
    expect(told.steps.map(({ by }) => by)).toEqual([30, 2, null])
    expect(told.steps[1]).toMatchObject({ from: 140, to: 142 })
  })

  it('leaves 0 out only where the steps could not be seen else', () => {
    expect(stretchOf(waterfallOf([cause('rows-arrived', 1000, 1010)]))[0]).toBeGreaterThan(900)
    expect(stretchOf(waterfallOf([cause('added', null, 10)]))).toEqual([0, 10])
  })
})
