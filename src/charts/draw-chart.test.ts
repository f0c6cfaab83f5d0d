import assert from 'node:assert/strict'
import { test } from 'node:test'

import { binned } from '#charts/bins.ts'
import { chartKinds, chartOptions, label, numberOf } from '#charts/chart-options.ts'
import { drawChart } from '#charts/draw-chart.ts'

const months = ['2021-01', '2021-02', '2021-03']
const rows = months.flatMap((month, at) => [
  { month, company: 'acme.com', events: 10 * (at + 1), users: at + 1 },
  { month, company: '<b>Größe & Söhne</b>', events: at === 1 ? null : 5, users: 2 },
])

test('every kind of picture is drawn, with its letters, and hostile names are letters, too', async () => {
  for (const kind of chartKinds) {
    const chart = { kind, x: 'month', y: ['events'], series: 'company', title: 'Events <i>' }
    const drawn = await drawChart(chart, rows)
    if (kind === 'figure' || kind === 'table') {
      assert.equal(drawn, null)
      continue
    }
    assert.ok(drawn)
    assert.deepEqual([...drawn.png.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47], kind)
    assert.ok(drawn.png.byteLength > 5_000, `${kind}: ${drawn.png.byteLength} bytes`)
    assert.match(drawn.svg, /Events &lt;i&gt;/)
    assert.doesNotMatch(drawn.svg, /<b>|<i>/)
  }
})

test('letters are there: a title changes the picture', async () => {
  const chart = { kind: 'bar', x: 'month', y: ['users'] } as const
  const [one, other] = await Promise.all(
    ['One', 'Another'].map((title) => drawChart({ ...chart, title }, rows)),
  )
  assert.notDeepEqual(one?.png, other?.png)
})

test('a missing number is left out and never drawn as 0', () => {
  const chart = { kind: 'line', x: 'month', y: ['events'], series: 'company' } as const
  const options = chartOptions(chart, rows)
  const series = options?.['series'] as { name: string; data: unknown[] }[]
  assert.deepEqual(
    series.map(({ data }) => data),
    [
      [
        ['2021-01', 10],
        ['2021-02', 20],
        ['2021-03', 30],
      ],
      [
        ['2021-01', 5],
        ['2021-03', 5],
      ],
    ],
  )
})

test('labels are short, and numbers are read as they come', () => {
  assert.equal(label('2021-04-17 00:00:00'), '2021-04-17')
  assert.equal(label('x'.repeat(40)), `${'x'.repeat(23)}…`)
  assert.equal(label(null), '–')
  assert.equal(numberOf(9_007_199_254_740_993n), 9_007_199_254_740_992)
  assert.equal(label(12n), '12')
  assert.deepEqual(['12.5', 3, '', null, true, 'x', '1e3'].map(numberOf), [
    12.5,
    3,
    null,
    null,
    null,
    null,
    1_000,
  ])
})

test('bins are of one round width, and every value is in one of them', () => {
  const values = Array.from({ length: 1_000 }, (_, at) => (at * 7919) % 997)
  const bins = binned(values)
  assert.equal(
    bins.reduce((sum, { rows: own }) => sum + own, 0),
    values.length,
  )
  assert.equal(new Set(bins.map(({ from, to }) => to - from)).size, 1)
  assert.ok(bins.length <= 25)
  assert.deepEqual(binned([3, 3]), [{ from: 3, to: 3, rows: 2 }])
  assert.deepEqual(binned([]), [])
  assert.deepEqual(
    binned([-1, 0, 1]).reduce((sum, { rows: own }) => sum + own, 0),
    3,
  )
})

test('the parts of a donut add up to the whole, however many there are', () => {
  const many = Array.from({ length: 30 }, (_, at) => ({ who: `who ${at}`, n: at + 1 }))
  const options = chartOptions({ kind: 'donut', x: 'who', y: ['n'] }, many)
  const [series] = (options?.['series'] ?? []) as { data: { name: string; value: number }[] }[]
  assert.equal(
    series?.data.reduce((sum, { value }) => sum + value, 0),
    465,
  )
  assert.equal(series?.data.length, 8)
})
