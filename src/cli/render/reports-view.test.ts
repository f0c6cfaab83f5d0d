import assert from 'node:assert/strict'
import { test } from 'node:test'

import { plainLook } from '#cli/render/look.ts'
import {
  renderReportCalendar,
  renderReportHistory,
  renderReports,
} from '#cli/render/reports-view.ts'

const now = new Date('2026-11-20T06:00:00Z')
const text = (lines: readonly string[]) => `\n${lines.join('\n')}\n`
const report = {
  report: 'spring',
  state: 'active' as const,
  asked: { dataset: 'sums', partition: '2021-03' },
  format: 'csv',
  target: 'file',
  targetName: null,
  targetOptions: {},
  mail: ['ada@example.com'],
  attach: false,
  chart: null,
  cron: '0 7 * * 1',
  zone: 'Europe/Berlin',
  onArrival: false,
  skipEmpty: true,
  onlyChanged: true,
  complete: true,
  held: false,
  askedBy: 'user usr_1',
  nextAt: '2026-11-23T06:00:00.000Z',
  createdAt: '2026-11-01T06:00:00.000Z',
  changedAt: '2026-11-01T06:00:00.000Z',
}

test('reports fit a terminal, whatever stands in them', () => {
  const hostile = {
    ...report,
    report: 'arrives',
    target: 'postgres',
    targetName: 'warehouse',
    mail: [],
    cron: null,
    nextAt: null,
    asked: { endpoint: 'top\u001b[2J' },
  }
  const lines = renderReports(plainLook, { reports: [report, hostile], next: null }, now)
  assert.equal(
    text(lines),
    `
  report   next (UTC)                   when                     sends              to
  spring   2026-11-23 06:00  in 3 days  0 7 * * 1 Europe/Berlin  sums 2021-03, csv  ada@example.com
  arrives                               when data arrive         top␛[2J, csv       warehouse
`,
  )
})

test('outcomes have shapes as well as colours', () => {
  const run = {
    number: 1,
    at: '2026-11-16T06:00:00.000Z',
    state: 'sent' as const,
    rows: 1_200,
    receipt: 'rcp_1',
    delivery: 'dlv_1',
    detail: '',
  }
  const runs = [{ ...run, number: 2, state: 'failed' as const, detail: 'mail is refused' }, run]
  assert.equal(
    text(renderReportHistory(plainLook, { runs, next: null })),
    `
     at (UTC)          came to    rows  delivery
  2  2026-11-16 06:00  ✗ failed  1,200  dlv_1     mail is refused
  1  2026-11-16 06:00  ● sent    1,200  dlv_1
`,
  )
  const calendar = {
    from: '2026-11-20T06:00:00.000Z',
    to: '2026-12-18T06:00:00.000Z',
    reports: [
      { report: 'spring', state: 'active' as const, times: [report.nextAt], more: false, runs },
    ],
    next: null,
  }
  assert.equal(
    text(renderReportCalendar(plainLook, calendar)),
    `
  report  until 2026-12-18 06:00 UTC  first             last runs, newest first
  spring  1 time                      2026-11-23 06:00  ✗ ●
  ● sent  ○ skipped-empty  = unchanged  … held  ✗ failed
`,
  )
})
