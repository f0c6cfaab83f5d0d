import { Hash } from 'lucide-react'

import type { Chart as ChartData } from '#charts/chart-options.ts'
import { ChartKinds, ChartPlaces, UNSPLIT, type ChartPlacesChosen } from '~/charts/chart-choice.tsx'
import {
  chartsFor,
  chooseChart,
  drawnKinds,
  placesOf,
  type DrawnKind,
} from '~/charts/choose-chart.ts'
import type { AskedInput } from '~/sending/asked-draft.ts'
import { MailChart } from '~/sending/mail-chart.tsx'
import { useSample, type Sample } from '~/sending/sample.ts'
import { sendingTexts as texts } from '~/texts/sending.ts'
import { classes } from '~/ui/classes.ts'
import { Checkbox, Select, TextField } from '~/ui/field.tsx'
import { Answer, Skeleton } from '~/ui/states.tsx'

interface ChartProps {
  /** Null: the mail has none. */
  readonly chart: ChartData | null
  readonly onChange: (chart: ChartData | null) => void
}

/** A chart for the mail, chosen by looking at it. */
export function ChartField({
  chart,
  asked,
  onChange,
}: ChartProps & {
  /** Null: the question is not whole yet. */
  readonly asked: AskedInput | null
}) {
  const sample = useSample(asked)
  const data = sample.data
  const best = data === undefined ? null : bestOf(data)
  const hint =
    asked === null
      ? texts.chartWaits
      : data !== undefined && best === null
        ? data.rows.length === 0
          ? texts.chartNoRows
          : texts.chartNone
        : undefined
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Checkbox
        label={texts.chartOn}
        {...(hint !== undefined && { hint })}
        checked={chart !== null}
        disabled={chart === null && best === null}
        onChange={(isOn) => onChange(isOn ? best : null)}
      />
      {chart !== null && asked !== null && (
        <Answer of={sample} waiting={<Skeleton className="h-64 w-full" />}>
          {(shown) => <Chosen chart={chart} sample={shown} onChange={onChange} />}
        </Answer>
      )}
    </div>
  )
}

const isDrawn = (kind: string): kind is DrawnKind => drawnKinds.some((drawn) => drawn === kind)

function bestOf({ columns, rows }: Sample): ChartData | null {
  return chooseChart(columns, rows) ?? chartsFor(columns, rows).values().next().value ?? null
}

function Chosen({
  chart,
  sample: { columns, rows },
  onChange,
}: {
  readonly chart: ChartData
  readonly sample: Sample
  readonly onChange: (chart: ChartData) => void
}) {
  const { title, unit, x, y, series: split } = chart
  const lacks = [x, ...y, split ?? ''].filter(
    (name) => name !== '' && rows.length > 0 && !columns.some((column) => column.name === name),
  )
  const named = { ...(title !== undefined && { title }), ...(unit !== undefined && { unit }) }
  const text = (name: 'title' | 'unit', value: string) => {
    const { [name]: _former, ...rest } = chart
    onChange(value === '' ? rest : { ...rest, [name]: value })
  }
  return (
    <div className="grid min-w-0 items-start gap-4 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-3">
        <div className="flex flex-wrap items-center gap-1">
          <ChartKinds
            value={isDrawn(chart.kind) ? chart.kind : null}
            columns={columns}
            rows={rows}
            onChange={(kind) => {
              const next = chartsFor(columns, rows).get(kind)
              if (next) onChange({ ...next, ...named })
            }}
          />
          <FigureKind
            isChosen={chart.kind === 'figure'}
            onChoose={() => {
              const [y] = placesOf('histogram', columns, rows).y
              if (y !== undefined) onChange({ kind: 'figure', x: '', y: [y], ...named })
            }}
          />
        </div>
        {isDrawn(chart.kind) ? (
          <ChartPlaces
            chart={chart}
            columns={columns}
            rows={rows}
            onChange={(places) => onChange(placed(chart, places))}
          />
        ) : (
          <Select
            label={texts.chartKinds.figure}
            value={chart.y[0] ?? ''}
            choices={placesOf('histogram', columns, rows).y.map((name) => ({
              value: name,
              label: name,
            }))}
            onChange={(chosen) => onChange({ ...chart, y: [chosen] })}
          />
        )}
        <div className="grid gap-2 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <TextField
            label={texts.chartTitle}
            value={title ?? ''}
            onChange={(value) => text('title', value)}
            maxLength={200}
          />
          <TextField
            label={texts.unit}
            value={unit ?? ''}
            onChange={(value) => text('unit', value)}
            maxLength={40}
          />
        </div>
      </div>
      {lacks.length > 0 ? (
        <p role="alert" className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          {texts.chartLacks(lacks.join(', '))}
        </p>
      ) : (
        <MailChart chart={chart} rows={rows} />
      )}
    </div>
  )
}

/** The chart with another column in one of its places. */
function placed(chart: ChartData, { x, y, series }: ChartPlacesChosen): ChartData {
  const { series: former, ...rest } = chart
  const split = series === undefined ? former : series === UNSPLIT ? undefined : series
  return {
    ...rest,
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y: [y] }),
    ...(split !== undefined && { series: split }),
  }
}

function FigureKind({
  isChosen,
  onChoose,
}: {
  readonly isChosen: boolean
  readonly onChoose: () => void
}) {
  return (
    <button
      type="button"
      aria-label={texts.figureFor}
      title={texts.figureFor}
      aria-pressed={isChosen}
      onClick={onChoose}
      className={classes(
        'inline-flex size-8 items-center justify-center rounded-md bg-sunken',
        isChosen ? 'text-ink shadow-card' : 'text-soft hover:text-ink',
      )}
    >
      <Hash size={16} />
    </button>
  )
}
