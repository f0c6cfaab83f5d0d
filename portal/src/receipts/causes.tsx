import { useOperation } from '~/api/operation.ts'
import { stretchOf, waterfallOf, type Step } from '~/receipts/waterfall.ts'
import { receiptTexts as texts } from '~/texts/receipts.ts'
import { classes } from '~/ui/classes.ts'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty, SkeletonRows } from '~/ui/states.tsx'

/** What made a number another one, as steps from before to after. */
export function Causes({ before, after }: { readonly before: string; readonly after: string }) {
  const compared = useOperation('receipts.compare', { receipt: before, other: after })
  return (
    <Answer of={compared} waiting={<SkeletonRows rows={3} />}>
      {({ causes, asked }) => {
        const waterfall = waterfallOf(causes)
        const stretch = stretchOf(waterfall)
        return (
          <div className="flex flex-col gap-3">
            {asked.length > 0 && (
              <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
                {texts.otherQuestion(asked.join(', '))}
              </p>
            )}
            {causes.length === 0 ? (
              <Empty title={texts.noCause}>{texts.noCauseHint}</Empty>
            ) : (
              <ol aria-label={texts.waterfall} className="flex flex-col gap-2">
                <Whole name={texts.start} rows={waterfall.start} stretch={stretch} />
                {waterfall.steps.map((step) => (
                  <Shown
                    key={`${step.cause.kind} ${step.cause.dataset} ${step.cause.partition}`}
                    step={step}
                    stretch={stretch}
                  />
                ))}
                <Whole name={texts.end} rows={waterfall.end} stretch={stretch} />
              </ol>
            )}
          </div>
        )
      }}
    </Answer>
  )
}

type Stretch = readonly [number, number]

const place = (value: number, [least, most]: Stretch) =>
  `${((value - least) / Math.max(most - least, 1e-9)) * 100}%`

function Bar({
  from,
  to,
  stretch,
  className,
}: {
  readonly from: number
  readonly to: number
  readonly stretch: Stretch
  readonly className: string
}) {
  const left = place(Math.min(from, to), stretch)
  const right = `calc(100% - ${place(Math.max(from, to), stretch)})`
  return (
    <span aria-hidden className="relative block h-4 rounded-xs bg-sunken">
      <span
        className={classes('absolute inset-y-0 min-w-0.75 rounded-xs', className)}
        style={{ left, right }}
      />
    </span>
  )
}

const line = 'grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_5.5rem] items-center gap-3 text-sm'

function Whole({
  name,
  rows,
  stretch,
}: {
  readonly name: string
  readonly rows: number
  readonly stretch: Stretch
}) {
  return (
    <li className={line}>
      <span className="font-medium">{name}</span>
      <Bar from={stretch[0]} to={rows} stretch={stretch} className="bg-idle" />
      <span className="num text-right font-medium">{formatCount(rows)}</span>
    </li>
  )
}

function Shown({
  step: { cause, by, from, to },
  stretch,
}: {
  readonly step: Step
  readonly stretch: Stretch
}) {
  const what = texts.kinds[cause.kind] ?? cause.kind
  const where = [cause.dataset, cause.partition].filter((part) => part !== null).join(' ')
  const sign = by === null ? '◆' : by > 0 ? '+' : by < 0 ? '−' : '±'
  return (
    <li className={line} title={cause.text}>
      <span className="min-w-0">
        <span className="block">{what}</span>
        <span className="block truncate text-xs text-faint">{where}</span>
        <span className="block text-xs text-faint">{cause.text}</span>
      </span>
      {by === null ? (
        <span aria-hidden className="block h-px border-t border-dashed border-line-strong" />
      ) : (
        <Bar
          from={from}
          to={to}
          stretch={stretch}
          className={by > 0 ? 'bg-good' : by < 0 ? 'bg-bad' : 'bg-warn'}
        />
      )}
      <span
        className={classes(
          'num text-right',
          by !== null && by > 0 && 'text-good',
          by !== null && by < 0 && 'text-bad',
        )}
      >
        {sign} {by === null ? '' : formatCount(Math.abs(by))}
      </span>
    </li>
  )
}
