import { marks, paint, type Look, type Tone } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { harmless, wrap } from '#cli/render/text.ts'
import { counted, formatInstant, formatUntil } from '#cli/render/units.ts'
import { formatCount } from '#kernel/units.ts'
import type { ReportRunState } from '#model/report.ts'
import type { OutputOf } from '#operations/operation.ts'
import type { reportCalendar } from '#operations/reports/calendar.ts'
import type { reportHistory } from '#operations/reports/history.ts'
import type { listReportsOperation } from '#operations/reports/list.ts'
import type { previewReport } from '#operations/reports/preview.ts'
import type { ReportData } from '#operations/reports/report-data.ts'
import type { reportTimes } from '#operations/reports/times.ts'

const tones: Readonly<Record<ReportRunState, Tone>> = {
  sent: 'good',
  'skipped-empty': 'faint',
  unchanged: 'faint',
  held: 'notice',
  failed: 'bad',
}
const shapes: Readonly<Record<ReportRunState, string>> = {
  sent: '●',
  'skipped-empty': '○',
  unchanged: '=',
  held: '…',
  failed: marks.failed,
}

export function renderReports(
  look: Look,
  { reports, next }: OutputOf<(typeof listReportsOperation)['output']>,
  now: Date,
): string[] {
  if (reports.length === 0) return ['  No reports: `millrace reports create --help`.']
  const columns = [
    { title: 'report', tone: 'strong' },
    { title: 'next (UTC)', fixed: true },
    { title: '', fixed: true, tone: 'faint' },
    { title: 'when' },
    { title: 'sends' },
    { title: 'to' },
  ] as const
  const rows = reports.map((report): Cell[] => [
    report.report,
    nextOf(report),
    report.nextAt === null ? '' : formatUntil(report.nextAt, now),
    whenOf(report),
    `${subjectOf(report)}, ${report.format}`,
    placeOf(report),
  ])
  return [...renderTable(look, columns, rows), ...moreLine(look, next)]
}

export function renderReport(look: Look, report: ReportData, now: Date): string[] {
  const { asked, skipEmpty, onlyChanged, complete, askedBy, nextAt } = report
  const rules = [
    ...(onlyChanged ? ['only what has changed'] : ['changed or not']),
    ...(skipEmpty ? ['not while empty'] : []),
    ...(complete ? ['only when complete'] : []),
  ]
  const until =
    nextAt === null ? '' : ` · ${formatInstant(nextAt)} UTC, ${formatUntil(nextAt, now)}`
  return [
    `${paint(look, 'strong', harmless(report.report))} · ${report.state}${report.held ? ' · held' : ''}`,
    ...wrap(harmless(`sends ${JSON.stringify(asked)}`), look.width - 2, '  ', '    '),
    ...wrap(harmless(`as ${report.format} to ${placeOf(report)}`), look.width - 2, '  ', '    '),
    `  ${harmless(whenOf(report))}${until}`,
    `  ${rules.join(' · ')}`,
    paint(look, 'faint', `  in the name of ${harmless(askedBy)}`),
  ]
}

export function renderReportHistory(
  look: Look,
  { runs, next }: OutputOf<(typeof reportHistory)['output']>,
): string[] {
  if (runs.length === 0) return ['  It has not been due yet.']
  const columns = [
    { title: '', fixed: true, align: 'right' },
    { title: 'at (UTC)', fixed: true },
    { title: 'came to', fixed: true },
    { title: 'rows', fixed: true, align: 'right' },
    { title: 'delivery', fixed: true },
    { title: '' },
  ] as const
  const rows = runs.map((run): Cell[] => [
    String(run.number),
    formatInstant(run.at),
    { text: `${shapes[run.state]} ${run.state}`, tone: tones[run.state] },
    run.rows === null ? '' : formatCount(run.rows),
    run.delivery ?? '',
    run.detail,
  ])
  const more = next === null ? null : String(next)
  return [...renderTable(look, columns, rows), ...moreLine(look, more)]
}

export function renderReportCalendar(
  look: Look,
  { reports, to, next }: OutputOf<(typeof reportCalendar)['output']>,
): string[] {
  if (reports.length === 0) return ['  No reports: `millrace reports create --help`.']
  const columns = [
    { title: 'report', tone: 'strong' },
    { title: `until ${formatInstant(to)} UTC` },
    { title: 'first', fixed: true },
    { title: 'last runs, newest first', fixed: true },
  ] as const
  const rows = reports.map(({ report, state, times, more, runs }): Cell[] => [
    report,
    state === 'paused'
      ? { text: 'paused', tone: 'notice' }
      : times.length === 0
        ? 'when data arrive'
        : `${counted(times.length, 'time')}${more ? ' and more' : ''}`,
    times[0] === undefined ? '' : formatInstant(times[0]),
    runs.map((run) => shapes[run.state]).join(' '),
  ])
  const key = Object.entries(shapes).map(([state, shape]) => `${shape} ${state}`)
  return [
    ...renderTable(look, columns, rows),
    paint(look, 'faint', `  ${key.join('  ')}`),
    ...moreLine(look, next),
  ]
}

export function renderReportPreview(
  look: Look,
  { would, detail, rows, sample, columns, receipt }: OutputOf<(typeof previewReport)['output']>,
): string[] {
  const mark = paint(look, tones[would], `${shapes[would]} ${would}`)
  const count = rows === null ? '' : ` · ${counted(rows, 'row')}`
  const names = columns.map(({ name }) => ({ title: name }))
  const cells = sample.map((row) =>
    columns.map(({ name }) => {
      const value = row[name]
      return typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
    }),
  )
  return [
    `  now it would be ${mark}${count}`,
    ...(detail === '' ? [] : wrap(harmless(detail), look.width - 2, '  ', '  ')),
    ...(cells.length === 0 ? [] : renderTable(look, names, cells)),
    paint(look, 'faint', `  receipt ${receipt}`),
  ]
}

export function renderReportTimes(
  look: Look,
  { zone, times }: OutputOf<(typeof reportTimes)['output']>,
  now: Date,
): string[] {
  if (times.length === 0) return ['  It is never due.']
  const columns = [
    { title: `at (${zone})`, fixed: true, tone: 'strong' },
    { title: 'UTC', fixed: true },
    { title: '', fixed: true, tone: 'faint' },
  ] as const
  const rows = times.map(({ at, wall }) => [wall, formatInstant(at), formatUntil(at, now)])
  return renderTable(look, columns, rows)
}

function nextOf({ state, nextAt, held }: ReportData): Cell {
  if (state === 'paused') return { text: 'paused', tone: 'notice' }
  if (held) return { text: 'held', tone: 'notice' }
  return nextAt === null ? '' : formatInstant(nextAt)
}

function whenOf({ cron, zone }: ReportData): string {
  return cron === null ? 'when data arrive' : `${cron} ${zone}`
}

function subjectOf({ asked }: ReportData): string {
  const name = asked['dataset'] ?? asked['endpoint']
  const slice = asked['partition']
  return [name, slice].filter((part) => typeof part === 'string').join(' ')
}

function placeOf({ mail, targetName }: ReportData): string {
  return [...mail, ...(targetName === null ? [] : [targetName])].join(', ')
}

function moreLine(look: Look, next: string | null): string[] {
  return next === null ? [] : [paint(look, 'faint', `  go on with --after ${next}`)]
}
