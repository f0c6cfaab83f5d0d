import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'

import { renderBar } from '#cli/render/bar.ts'
import { renderData } from '#cli/render/data-view.ts'
import { renderError } from '#cli/render/error-view.ts'
import { renderHealth } from '#cli/render/health-view.ts'
import { plainLook } from '#cli/render/look.ts'
import { renderStrip, type StateName } from '#cli/render/partition-state.ts'
import { renderPlan } from '#cli/render/plan-view.ts'
import { renderProgress } from '#cli/render/progress-view.ts'
import { renderRows } from '#cli/render/rows-view.ts'
import { renderStatus } from '#cli/render/status-view.ts'
import { renderSummary } from '#cli/render/summary-view.ts'
import { renderTable } from '#cli/render/table.ts'
import { widthOf } from '#cli/render/text.ts'
import { examplePlan, exampleStatus, exampleView } from '#cli/render/examples-for-tests.ts'

const text = (lines: readonly string[]) => `\n${lines.join('\n')}\n`
const colored = { width: 100, color: true }
const now = new Date('2021-05-02T10:00:00Z')

test('a table is aligned, numbers stand right, and hostile cells are harmless', () => {
  const columns = [{ title: 'name' }, { title: 'rows', align: 'right' }] as const
  const rows = [
    ['plain', '12'],
    ['\u001b[2J日本', '1,234'],
  ]
  assert.equal(
    text(renderTable(plainLook, columns, rows)),
    `
  name       rows
  plain        12
  ␛[2J日本  1,234
`,
  )
})

test('a table that is too wide cuts its widest column and keeps fixed ones', () => {
  const columns = [{ title: 'id', fixed: true }, { title: 'text' }] as const
  const lines = renderTable({ width: 24, color: false }, columns, [['run_0123', 'x'.repeat(60)]])
  assert.equal(lines[1], `  run_0123  ${'x'.repeat(11)}…`)
  for (const line of lines) assert.ok(widthOf(line) <= 24)
})

test('a bar fills in eighths and always has its width', () => {
  assert.equal(renderBar(plainLook, 0, 8), '········')
  assert.equal(renderBar(plainLook, 0.5, 8), '████····')
  assert.equal(renderBar(plainLook, 0.5625, 8), '████▌···')
  assert.equal(renderBar(plainLook, 1.7, 8), '████████')
  for (let share = 0; share <= 1; share += 0.01) {
    assert.equal(widthOf(renderBar(plainLook, share, 8)), 8)
  }
})

test('a strip shows the gravest state where one mark stands for several partitions', () => {
  const states: StateName[] = [...Array<StateName>(9).fill('fresh'), 'failed']
  assert.deepEqual(renderStrip(plainLook, states, 20), { text: '■■■■■■■■■✗', perMark: 1 })
  assert.deepEqual(renderStrip(plainLook, states, 5), { text: '■■■■✗', perMark: 2 })
})

test('rows keep every digit of large numbers, and nulls differ from empty texts', () => {
  const ndjson =
    '{"company":"a","n":12345678901234567890,"t":["x","y"]}\n{"company":"","n":null,"t":[]}\n'
  assert.equal(
    text(renderRows(plainLook, ndjson)),
    `
  company                     n  t
  a        12345678901234567890  x, y
                              ∅
`,
  )
})

test('a plan tells for each dataset what would run and why', () => {
  assert.equal(
    text(renderPlan(plainLook, examplePlan)),
    `
     dataset           n  partitions                   why
  ·  events            1  2021-04                      never built
  ◪  events_by_period  2  2021-03..2021-04  1 perhaps  events changed (and 1 other reason)
  + then, from what events turns out to hold
     by day: users_by_day
     by month: top_users, top_companies
  4 tasks · 1 of them only if their inputs turn out changed · about 4.2 s · 160 MB to read
`,
  )
})

test('progress shows bytes, rows, counts and the time left', () => {
  const state = { elapsedMs: 3_200, height: 30, cancelling: false }
  assert.equal(
    text(renderProgress(plainLook, exampleView('running'), state)),
    `
  events            ██▎····················· 0/2             fetching 2021-04, 64.0 MB of 160 MB
  events_by_period  ████████████████████████ 2/2    61 rows
  top_companies     ························ 0/1
  2 of 5 tasks · 3.2 s · about 8.0 s left
`,
  )
})

test('progress in a low terminal keeps what is at work, and says that it is cancelling', () => {
  const state = { elapsedMs: 3_200, height: 5, cancelling: true }
  const lines = renderProgress(plainLook, exampleView('running', 12), state)
  assert.equal(lines.length, 5)
  assert.match(text(lines), /events .*fetching/)
  assert.match(text(lines), /… 12 more/)
  assert.match(text(lines), /cancelling/)
})

test('a summary adds rows up and tells checks, failures and where to look', () => {
  assert.equal(
    text(renderSummary(plainLook, exampleView('failed'), 6_150)),
    `

Rows in
  source  partition    size   received      accepted     repaired     quarantined
  events  2021-04    160 MB  1,150,421  =  1,150,000  +         0  +          421
  ! held back: 400 timestamp-unreadable, 21 field-count
    millrace quarantine events --partition 2021-04

Results
     analysis          partitions  rows   time
  ✓  events_by_period           2    61  95 ms
  ✗  top_companies              0     0   0 ms  1 failed

Checks that did not pass
  ! events_by_period 2021-03..2021-04 (2 partitions) · few_spilled: 3 of 61 rows are spilled

What went wrong
  ✗ top_companies 2021-04 failed: top_companies: division by zero
    → Correct the SQL of top_companies. (millrace logs 7)

Look at them
  millrace show events_by_period --month 2021-04

✗ ended with failures; what succeeded is published in 6.2 s · run_06fj3k2m9q4t1x8w
`,
  )
})

test('status shows a strip for each dataset, what wants attention, and the newest runs', () => {
  assert.equal(
    text(renderStatus(plainLook, exampleStatus, now)),
    `
  events         2021-01..2021-04  ■■■◪      1 stale 3 fresh
  top_companies  2021-01..2021-04  ■■✗·      1 failed 1 missing 2 fresh
  empty                                      nothing yet

  ■ fresh   ◪ stale   □ pending   ✗ failed   ▲ held   · missing

Wants attention
  ✗ top_companies 2021-03: division by zero
  ◪ events 2021-04: its file changed

Newest runs
     run                   state   started    took  planned  asked for
  ✗  run_06fj3k2m9q4t1x8w  failed  1 h ago  12.5 s        4  run events --month 2021-04
`,
  )
})

test('health tells the remedy where something is wrong', () => {
  const lines = renderHealth(plainLook, {
    state: 'problem',
    checks: [
      { name: 'catalog', state: 'ok', detail: 'PostgreSQL 18.6', remedy: null },
      { name: 'lake', state: 'problem', detail: 'the disk is full', remedy: 'Make room.' },
    ],
  })
  assert.equal(
    text(lines),
    `
  ✓ catalog  PostgreSQL 18.6
  ✗ lake     the disk is full
             → Make room.
`,
  )
})

test('an error says what, why, and the way out', () => {
  const error = {
    message: 'port 7420 is in use',
    causes: ['listen EADDRINUSE'],
    remedy: 'Choose another.',
  }
  assert.equal(
    text(renderError(plainLook, error)),
    `
✗ port 7420 is in use
  because listen EADDRINUSE
  → Choose another.
`,
  )
})

test('any answer can be printed', () => {
  const data = {
    tenant: 'demo',
    keys: [{ id: 'mk_1', name: 'first' }],
    options: { location: 's3://x' },
    none: [],
  }
  assert.equal(
    text(renderData(plainLook, data)),
    `
tenant  demo
keys
  id    name
  mk_1  first
options
  location  s3://x
none  none
`,
  )
})

test('colours change nothing but colours', () => {
  const state = { elapsedMs: 3_200, height: 30, cancelling: false }
  for (const render of [
    (look: typeof plainLook) => renderPlan(look, examplePlan),
    (look: typeof plainLook) => renderProgress(look, exampleView('running'), state),
    (look: typeof plainLook) => renderSummary(look, exampleView('failed'), 6_150),
    (look: typeof plainLook) => renderStatus(look, exampleStatus, now),
  ]) {
    const painted = text(render(colored))
    assert.notEqual(painted, stripVTControlCharacters(painted))
    assert.equal(stripVTControlCharacters(painted), text(render(plainLook)))
  }
})
