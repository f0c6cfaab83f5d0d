import { Link } from '@tanstack/react-router'
import { Settings2 } from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { ChooseFigures } from '~/screens/home/choose-figures.tsx'
import { homeTexts as texts } from '~/texts/home.ts'
import { IconButton } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Sparkline } from '~/ui/drawings.tsx'
import { formatCount, formatShare } from '~/ui/format.ts'
import { AsOf } from '~/ui/page.tsx'
import { Answer, Empty, Skeleton } from '~/ui/states.tsx'

type Figure = OutputOf<'home.figures'>['figures'][number]

/** The few numbers that say how things stand. */
export function Headlines() {
  const figures = useOperation('home.figures', {})
  const [isChoosing, setChoosing] = useState(false)
  return (
    <section aria-label={texts.figures} className="flex min-w-0 flex-col gap-2">
      <div className="flex min-h-8 items-center justify-between">
        <h2 className="text-sm font-semibold">{texts.figures}</h2>
        {figures.data !== undefined && figures.data.choices.length > 0 && (
          <IconButton
            label={texts.choose}
            operation="home.choose"
            onClick={() => setChoosing(true)}
          >
            <Settings2 size={16} />
          </IconButton>
        )}
      </div>
      <Answer of={figures} waiting={<Waiting />}>
        {({ figures: shown, choices }) =>
          shown.length === 0 ? (
            <Card>
              <Empty title={texts.noNumbers}>{texts.noNumbersHint}</Empty>
            </Card>
          ) : (
            <>
              <ul className="grid grid-cols-2 gap-2 sm:gap-3 xl:grid-cols-4">
                {shown.map((figure) => (
                  <li key={`${figure.dataset} ${figure.column}`} className="min-w-0">
                    <Headline figure={figure} />
                  </li>
                ))}
              </ul>
              {isChoosing && (
                <ChooseFigures choices={choices} shown={shown} onClose={() => setChoosing(false)} />
              )}
            </>
          )
        }
      </Answer>
    </section>
  )
}

function Waiting() {
  return (
    <div className="grid grid-cols-2 gap-2 sm:gap-3 xl:grid-cols-4">
      {['one', 'two', 'three', 'four'].map((name) => (
        <Skeleton key={name} className="h-34 w-full rounded-lg" />
      ))}
    </div>
  )
}

function Headline({ figure }: { readonly figure: Figure }) {
  const tenant = useTenant() ?? ''
  const { series, column, description, unit, problem, completeness } = figure
  const last = series.at(-1)
  const former = series.at(-2)
  const name = nameOf(column)
  return (
    <article className="flex h-full min-w-0 flex-col gap-1 rounded-lg border border-line bg-surface p-3 shadow-card sm:p-4">
      <Link
        to="/t/$tenant/explore"
        params={{ tenant }}
        search={{ dataset: figure.dataset, y: column }}
        title={description ?? texts.explore(name)}
        className="truncate text-xs font-medium text-soft hover:text-ink hover:underline"
      >
        {name}
        {unit !== null && unit !== column && <span className="text-faint"> · {unit}</span>}
      </Link>
      {problem === null ? (
        <>
          <p className="flex min-w-0 flex-wrap items-baseline gap-x-2">
            <span className="num text-2xl font-semibold tracking-tight">
              {last?.value == null ? texts.noValue : formatFigure(last.value)}
            </span>
            <Change now={last?.value ?? null} before={former?.value ?? null} />
          </p>
          <Sparkline
            values={series.map(({ value }) => value)}
            label={texts.spark(name, series.length)}
            width={240}
            height={40}
            className="h-10 w-full"
          />
          <p className="num flex flex-wrap justify-between gap-x-2 text-xs text-faint">
            <span>{last === undefined ? '' : texts.inPeriod(last.partition)}</span>
            {former?.value != null && (
              <span>{texts.before(formatFigure(former.value), former.partition)}</span>
            )}
          </p>
          <div className="mt-auto pt-1">
            <AsOf
              asOf={figure.asOf}
              receipt={figure.receipt}
              parts={completeness && { ready: completeness.published, all: completeness.expected }}
            />
          </div>
        </>
      ) : (
        <p role="alert" className="text-sm text-bad [overflow-wrap:anywhere]">
          {problem.message}. <span className="text-soft">{problem.remedy}</span>
        </p>
      )}
    </article>
  )
}

/** Up or down against the period before, by a sign as well as by colour; neither is good by itself. */
function Change({ now, before }: { readonly now: number | null; readonly before: number | null }) {
  if (now === null || before === null || before === 0 || now === before) return null
  const share = (now - before) / Math.abs(before)
  return (
    <span className={classes('num text-xs font-medium', share > 0 ? 'text-good' : 'text-bad')}>
      {share > 0 ? '▲' : '▼'} {formatShare(Math.min(Math.abs(share), 99))}
    </span>
  )
}

function formatFigure(value: number): string {
  if (Number.isInteger(value)) return formatCount(value, Math.abs(value) >= 10_000_000)
  return value.toLocaleString('en', { maximumSignificantDigits: 5 })
}

function nameOf(column: string): string {
  const words = column.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
