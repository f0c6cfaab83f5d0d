import { useState } from 'react'

import { useZone } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { roundSteps, stackLines } from '~/screens/tasks/stacks.ts'
import { tasksTexts as texts } from '~/texts/tasks.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount, formatTime } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Answer, Empty, Skeleton } from '~/ui/states.tsx'

type Hours = keyof typeof texts.spans
const hours = Object.keys(texts.spans) as Hours[]
const [WIDTH, HEIGHT] = [960, 160]
const SPANS = 120
/** As many as have a line of their own; the others share the last. */
const colours = [...[1, 2, 3, 4, 5, 6, 7].map((at) => `var(--series-${at})`), 'var(--line-strong)']

/** How many tasks waited, or ran, over the last hours: areas by what they are. */
export function DepthCard() {
  const zone = useZone()
  const [back, setBack] = useAddressState<Hours>('hours', '24')
  const [of, setOf] = useAddressState<'waiting' | 'running'>('of', 'waiting')
  const [pointed, setPointed] = useState<number | null>(null)
  const history = useOperation(
    'queue.history',
    { hours: Number(back), spans: SPANS },
    { keepFormer: true, everyMs: 20_000 },
  )
  return (
    <Card
      title={texts.history}
      note={texts.historyNote}
      actions={
        <div className="flex flex-wrap gap-2">
          <Segments
            label={texts.shows}
            value={of}
            onChange={setOf}
            segments={[
              { value: 'waiting', label: texts.showWaiting },
              { value: 'running', label: texts.showRunning },
            ]}
          />
          <Segments
            label={texts.span}
            value={back}
            onChange={setBack}
            segments={hours.map((value) => ({ value, label: texts.spans[value] }))}
          />
        </div>
      }
    >
      <Answer of={history} waiting={<Skeleton className="h-40 w-full" />}>
        {({ from, until, names }) => {
          const shown = names
            .map((line) => ({ name: line.name, values: line[of] }))
            .filter(({ values }) => values.some((value) => value > 0))
          if (shown.length === 0) return <Empty title={texts.historyEmpty} />
          const { stacks, most, sums } = stackLines(shown, WIDTH, HEIGHT)
          const [begin, end] = [Date.parse(from), Date.parse(until)]
          const timeOf = (share: number) =>
            formatTime(new Date(begin + (end - begin) * share), zone)
          return (
            <div className="min-w-0">
              <div className="flex gap-2">
                <div className="relative min-w-0 grow">
                  <svg
                    viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
                    preserveAspectRatio="none"
                    role="img"
                    aria-label={texts.depthLabel(formatCount(most))}
                    className="block h-40 w-full"
                    onPointerMove={(event) => {
                      const box = event.currentTarget.getBoundingClientRect()
                      setPointed(
                        Math.round(((event.clientX - box.left) / box.width) * (sums.length - 1)),
                      )
                    }}
                    onPointerLeave={() => setPointed(null)}
                  >
                    {stacks.map(({ name, path }, at) => (
                      <path key={name ?? ''} d={path} fill={colours[at % colours.length]} />
                    ))}
                    {roundSteps(most).map((step) => (
                      <line
                        key={step}
                        x1="0"
                        x2={WIDTH}
                        y1={HEIGHT - (step / most) * HEIGHT}
                        y2={HEIGHT - (step / most) * HEIGHT}
                        stroke="var(--line)"
                        vectorEffect="non-scaling-stroke"
                      />
                    ))}
                    {pointed !== null && (
                      <line
                        x1={(pointed / Math.max(sums.length - 1, 1)) * WIDTH}
                        x2={(pointed / Math.max(sums.length - 1, 1)) * WIDTH}
                        y1="0"
                        y2={HEIGHT}
                        stroke="var(--ink)"
                        vectorEffect="non-scaling-stroke"
                      />
                    )}
                  </svg>
                </div>
                <div aria-hidden className="num relative w-10 shrink-0 text-2xs text-faint">
                  {roundSteps(most).map((step) => (
                    <span
                      key={step}
                      className="absolute left-0 -translate-y-1/2"
                      style={{ top: `${(1 - step / most) * 100}%` }}
                    >
                      {formatCount(step, true)}
                    </span>
                  ))}
                </div>
              </div>
              <div className="num mt-1 mr-12 flex justify-between text-2xs text-faint">
                <span>{timeOf(0)}</span>
                <span className="max-sm:hidden">{timeOf(0.5)}</span>
                <span>{timeOf(1)}</span>
              </div>
              <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
                {shown.map(({ name, values }, at) => (
                  <li key={name ?? ''} className="flex min-w-0 items-center gap-1.5">
                    <span
                      className="size-2.5 shrink-0 rounded-xs"
                      style={{ background: colours[at % colours.length] }}
                    />
                    <span className="max-w-60 truncate" title={name ?? texts.others}>
                      {name ?? texts.others}
                    </span>
                    <span className="num font-medium text-ink">
                      {formatCount(values[pointed ?? values.length - 1] ?? 0)}
                    </span>
                  </li>
                ))}
                <li className="num ml-auto text-faint">
                  {texts.at(timeOf(pointed === null ? 1 : pointed / Math.max(sums.length - 1, 1)))}
                </li>
              </ul>
            </div>
          )
        }}
      </Answer>
    </Card>
  )
}
