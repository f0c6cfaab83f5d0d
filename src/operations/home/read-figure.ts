import { toMillraceError } from '#kernel/errors.ts'
import { aggregated, type FigureWish } from '#model/home-figure.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { Caller } from '#operations/operation.ts'
import type { FigureChoice, FigureData } from '#operations/home/figure-data.ts'
import type { Parts } from '#operations/parts.ts'

/** One page holds them. */
const ROWS_MAX = 1000
const PERIODS_MAX = 30

/** A published partition; null: its rows may not be counted. */
export interface Period {
  readonly partition: string
  readonly rows: number | null
}

/** As many of the newest periods as one page holds the rows of, oldest first. */
export function periodsShown(published: readonly Period[]): Period[] {
  const shown: Period[] = []
  let rows = 0
  for (const period of published.toReversed()) {
    rows += period.rows ?? ROWS_MAX / PERIODS_MAX
    if (shown.length >= PERIODS_MAX || rows > ROWS_MAX) break
    shown.unshift(period)
  }
  return shown
}

/** The figure with its numbers; what cannot be read is a figure that says why. */
export async function readFigure(
  parts: Parts,
  caller: Caller,
  choice: FigureChoice,
  of: { readonly definition: DatasetDefinition; readonly published: readonly Period[] },
  signal: AbortSignal,
): Promise<FigureData> {
  const periods = periodsShown(of.published)
  const empty = { series: [], asOf: null, commit: null, receipt: null, completeness: null }
  if (periods.length === 0) return { ...choice, ...empty, problem: null }
  try {
    const question = {
      subject: {
        kind: 'dataset',
        definition: of.definition,
        partitions: periods.map(({ partition }) => partition),
      },
      select: periods.length > 1 ? ['partition', choice.column] : [choice.column],
      where: [],
      sort: null,
      asOf: null,
    } as const
    const answer = await parts.answers.ask(caller, question, signal)
    const request = { limit: ROWS_MAX, cursor: null, format: 'json', cells: 'raw' } as const
    const page = await answer.page(request, signal)
    const { receipt, completeness } = answer
    return {
      ...choice,
      series: seriesOf(JSON.parse(Buffer.from(page.bytes).toString('utf8')), periods, choice),
      asOf: receipt.asOf.toISOString(),
      commit: receipt.commitNumber,
      receipt: receipt.id,
      completeness: { ...completeness, missing: [...completeness.missing] },
      problem: null,
    }
  } catch (error) {
    if (signal.aborted) throw error
    const { code, message, remedy } = toMillraceError(error)
    return { ...choice, ...empty, problem: { code, message, remedy } }
  }
}

function seriesOf(
  rows: readonly Readonly<Record<string, unknown>>[],
  periods: readonly Period[],
  { column, aggregate }: FigureWish,
): FigureData['series'] {
  const [only] = periods
  const byPeriod = Map.groupBy(rows, (row) =>
    periods.length > 1 ? String(row['partition']) : (only?.partition ?? ''),
  )
  return periods.map(({ partition }) => {
    const values = (byPeriod.get(partition) ?? []).map((row) => numberOf(row[column]))
    return { partition, value: aggregated(values, aggregate) }
  })
}

/** A picture and a headline need no digits that a double cannot hold. */
function numberOf(value: unknown): number | null {
  const number = typeof value === 'number' ? value : Number.NaN
  return Number.isFinite(number) ? number : null
}
