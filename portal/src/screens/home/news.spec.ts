import { describe, expect, it } from 'vitest'

import { newsOf } from '~/screens/home/news.ts'

const event = (kind: string, minute: number, data: Record<string, unknown>) => ({
  kind,
  at: `2026-11-22T10:0${minute}:00Z`,
  data,
})

describe('what is new', () => {
  it('is one line for one thing, the newest first', () => {
    const news = newsOf([
      event('partition.published', 1, { dataset: 'a', partitions: ['2021-04'] }),
      event('partition.published', 2, { dataset: 'b', partitions: ['2021-04'] }),
      event('partition.published', 3, { dataset: 'a', partitions: ['2021-05', '2021-04'] }),
      event('run.started', 4, { run: 'run_1' }),
    ])
    expect(news.map(({ dataset, count, newest }) => [dataset, count, newest])).toEqual([
      ['a', 2, '2021-05'],
      ['b', 1, '2021-04'],
    ])
  })

  it('adds up what was held back', () => {
    const news = newsOf([
      event('quarantine.grew', 1, { dataset: 'a', rows: 4, before: 0, partitions: ['x'] }),
      event('quarantine.grew', 2, { dataset: 'a', rows: 7, before: 4, partitions: ['x'] }),
    ])
    expect(news[0]?.rows).toBe(7)
  })
})
