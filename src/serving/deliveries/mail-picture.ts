import type { Delivery } from '#catalog/deliveries.ts'
import { label, numberOf, type Chart, type ChartRow } from '#charts/chart-options.ts'
import { drawChart } from '#charts/draw-chart.ts'
import { toMillraceError } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { Tenant } from '#model/tenant.ts'
import { askAgain } from '#serving/deliveries/make-artefact.ts'
import type { DeliveryWorkParts } from '#serving/deliveries/work-parts.ts'

/** Parts of a mail as JSON, each left out where it has none. */
export interface MailPicture {
  readonly image?: string
  readonly table?: string
  readonly figure?: string
  /** Why it is not drawn. */
  readonly chartProblem?: string
}

const ROWS_DRAWN = 200
const ROWS_SHOWN = 10
const COLUMNS_SHOWN = 6

/**
 * The chart of a delivery's mail, of the first rows of its answer, and these rows. Null: none is wanted.
 * A chart that cannot be drawn keeps nobody's rows back: the mail says why.
 */
export async function drawPicture(
  parts: DeliveryWorkParts,
  about: { readonly tenant: Tenant; readonly signal: AbortSignal },
  delivery: Delivery,
): Promise<MailPicture | null> {
  const { notify } = delivery
  if (!notify.chart || notify.mail.length === 0 || !parts.mailer.isOn) return null
  const chart = notify.chart as Chart
  try {
    const answer = await askAgain(parts, about, delivery)
    const asked = { limit: ROWS_DRAWN, cursor: null, format: 'json', cells: 'raw' } as const
    const page = await answer.page(asked, about.signal)
    const rows = parseExactJson(Buffer.from(page.bytes).toString('utf8')) as ChartRow[]
    const table = tableOf(chart, answer.columns, rows, page.next !== null)
    const problem = problemOf(chart, answer.columns, rows)
    if (problem !== null) return { table, chartProblem: problem }
    if (chart.kind === 'figure') return { figure: figureOf(chart, rows), table }
    const drawn = await drawChart(chart, rows)
    if (!drawn) return { table }
    const { width, height } = drawn
    const base64 = Buffer.from(drawn.png).toString('base64')
    return { image: JSON.stringify({ alt: altOf(chart, rows), base64, width, height }), table }
  } catch (error) {
    about.signal.throwIfAborted()
    parts.log.warn('a chart is not drawn', { delivery: delivery.id, error })
    return { chartProblem: toMillraceError(error).message }
  }
}

function problemOf(
  { kind, x, y, series }: Chart,
  columns: readonly ResultColumn[],
  rows: readonly ChartRow[],
): string | null {
  if (kind === 'table') return null
  if (rows.length === 0) return 'there is no row'
  const needed =
    kind === 'figure' ? y.slice(0, 1) : [x, ...y, ...(series === undefined ? [] : [series])]
  const lacking = needed.find((name) => !columns.some((column) => column.name === name))
  if (lacking !== undefined) return `the answer has no column "${lacking}"`
  const [first = ''] = y
  if (kind === 'figure') return null
  return rows.some((row) => y.some((name) => numberOf(row[name]) !== null))
    ? null
    : `"${first}" holds no number`
}

function figureOf({ y, title, unit }: Chart, rows: readonly ChartRow[]): string {
  const [column = ''] = y
  const value = cellText(rows[0]?.[column])
  return JSON.stringify({
    value: unit === undefined ? value : `${value} ${unit}`,
    label: title ?? column,
  })
}

function altOf({ kind, x, y, title }: Chart, rows: readonly ChartRow[]): string {
  const what = title ?? y.join(', ')
  const [first, last] = [label(rows[0]?.[x]), label(rows.at(-1)?.[x])]
  const range = first === last ? first : `${first} to ${last}`
  return `${what}: ${kind.replace('-', ' ')} chart over ${x}, ${range}; the numbers are in the table`
}

/** Those of the chart first. */
function tableOf(
  { kind, x, y, series }: Chart,
  columns: readonly ResultColumn[],
  rows: readonly ChartRow[],
  isMore: boolean,
): string {
  const wanted = kind === 'table' || kind === 'figure' ? [] : [x, series, ...y]
  const places = (name: string) => (wanted.includes(name) ? wanted.indexOf(name) : wanted.length)
  const shown = columns.toSorted((a, b) => places(a.name) - places(b.name)).slice(0, COLUMNS_SHOWN)
  const lines = rows.slice(0, ROWS_SHOWN)
  const more = rows.length - lines.length
  const notes = [
    ...(more > 0
      ? [`The first ${lines.length} of ${rows.length}${isMore ? ' and more' : ''} rows`]
      : []),
    ...(shown.length < columns.length ? [`${columns.length - shown.length} more columns`] : []),
  ]
  return JSON.stringify({
    columns: shown.map(({ name, type }) => ({
      name,
      isNumber: /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/.test(type),
    })),
    rows: lines.map((row) => shown.map(({ name }) => cellText(row[name]))),
    note: notes.length > 0 ? `${notes.join(', ')}: the file has all of them.` : '',
  })
}

/** A number with points between its thousands; digits of a text stay as they are. */
function cellText(value: unknown): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return String(value)
  if (typeof value === 'number') return value.toLocaleString('en')
  if (value === null || value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
