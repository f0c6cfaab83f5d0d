import { intakeTexts as texts } from '~/texts/intake.ts'
import { classes } from '~/ui/classes.ts'
import { formatCount, formatShare } from '~/ui/format.ts'

export interface Flow {
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
  readonly withheld?: number
  readonly erased?: number
}

const parts = [
  { key: 'accepted', colour: 'var(--good)' },
  { key: 'repaired', colour: 'var(--busy)' },
  { key: 'quarantined', colour: 'var(--warn)' },
  { key: 'withheld', colour: 'var(--idle)' },
  { key: 'erased', colour: 'var(--line-strong)' },
] as const

/** Where every row that came in has gone: the parts add up to all of them. */
export function FlowBar({ flow }: { readonly flow: Flow }) {
  const shown = parts
    .map(({ key, colour }) => ({ key, colour, rows: flow[key] ?? 0 }))
    .filter(({ key, rows }) => rows > 0 || key === 'accepted' || key === 'quarantined')
  return (
    <div className="flex flex-col gap-2">
      <div className="flex h-4 w-full gap-px overflow-hidden rounded-full bg-sunken" aria-hidden>
        {shown.map(({ key, colour, rows }) => (
          <span
            key={key}
            className={classes('block h-full', rows > 0 && 'min-w-1')}
            style={{
              width: `${(rows / Math.max(flow.received, 1)) * 100}%`,
              background: colour,
            }}
          />
        ))}
      </div>
      <dl className="flex flex-wrap gap-x-5 gap-y-1 text-sm">
        <div className="flex items-baseline gap-1.5">
          <dt className="text-soft">{texts.received}</dt>
          <dd className="num font-semibold">{formatCount(flow.received)}</dd>
        </div>
        {shown.map(({ key, colour, rows }) => (
          <div key={key} className="flex items-baseline gap-1.5">
            <dt className="flex items-center gap-1.5 text-soft">
              <span
                aria-hidden
                className="inline-block size-2.5 rounded-xs"
                style={{ background: colour }}
              />
              {texts.parts[key]}
            </dt>
            <dd className="num font-medium">
              {formatCount(rows)}
              {flow.received > 0 && (
                <span className="ml-1 text-xs font-normal text-faint">
                  {formatShare(rows / flow.received)}
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
