import type { OutputOf } from '~/api/client.ts'
import { axisText } from '~/screens/source/axis-text.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { classes } from '~/ui/classes.ts'
import { formatCount, formatShare } from '~/ui/format.ts'

type Profiled = OutputOf<'profiles.show'>['columns'][number]

/** One column: its gaps as a bar, its values as a histogram or as the most frequent ones. */
export function ColumnCard({ column, rows }: { readonly column: Profiled; readonly rows: number }) {
  const { name, type, kind, nulls, distinct } = column
  const gaps = rows === 0 ? 0 : nulls / rows
  return (
    <li className="flex min-w-0 flex-col gap-2 rounded-md border border-line p-3">
      <div className="flex items-baseline gap-2">
        <h3 className="min-w-0 truncate text-sm font-semibold" title={name}>
          {name}
        </h3>
        <span className="ml-auto shrink-0 font-mono text-2xs text-faint">{type}</span>
      </div>
      <div className="flex items-center gap-2 text-xs text-faint">
        <span
          role="img"
          aria-label={texts.gapsLabel(name, formatShare(gaps))}
          className="h-1.5 w-14 shrink-0 overflow-hidden rounded-full bg-good/60"
        >
          <span className="block h-full bg-warn" style={{ width: `${gaps * 100}%` }} />
        </span>
        <span className={classes('num', nulls > 0 && 'font-medium text-warn')}>
          {nulls === 0 ? texts.noGaps : texts.gaps(formatShare(gaps))}
        </span>
        <span className="num ml-auto">{texts.distinct(formatCount(distinct, true))}</span>
      </div>
      {nulls === rows ? (
        <p className="text-xs text-faint">{texts.noValue}</p>
      ) : kind === 'hidden' ? (
        <p className="text-xs text-faint">{texts.hidden}</p>
      ) : kind === 'values' && distinct === rows - nulls && distinct > 1 ? (
        <p className="text-xs text-faint">{texts.allDifferent}</p>
      ) : kind === 'values' ? (
        <TopValues column={column} rows={rows} />
      ) : (
        <Histogram column={column} />
      )}
    </li>
  )
}

function Histogram({ column }: { readonly column: Profiled }) {
  const { name, kind, bins, least, most, median } = column
  const top = Math.max(...bins, 1)
  const from = axisText(least, kind)
  const to = axisText(most, kind)
  if (least === most) {
    return (
      <p className="num truncate text-xs text-soft" title={least ?? ''}>
        {`${texts.oneValue}: ${from}`}
      </p>
    )
  }
  return (
    <figure className="mt-auto flex flex-col gap-1">
      <svg
        role="img"
        aria-label={texts.histogram(name, from, to)}
        viewBox="0 0 100 36"
        preserveAspectRatio="none"
        className="h-14 w-full text-accent"
      >
        {bins.map((rows, at) => {
          const size = rows === 0 ? 0 : Math.max((rows / top) * 35, 1)
          return (
            <rect
              key={at}
              x={at * 5 + 0.4}
              y={36 - size}
              width={4.2}
              height={size}
              fill="currentColor"
            />
          )
        })}
        <line x1="0" x2="100" y1="35.8" y2="35.8" stroke="var(--line)" strokeWidth="0.5" />
      </svg>
      <figcaption className="num flex justify-between gap-2 text-2xs text-faint">
        <span title={least ?? ''}>{from}</span>
        <span className="truncate" title={median ?? ''}>
          {median === null ? '' : `${texts.median} ${axisText(median, kind)}`}
        </span>
        <span title={most ?? ''}>{to}</span>
      </figcaption>
    </figure>
  )
}

const SHOWN = 5

function TopValues({ column, rows }: { readonly column: Profiled; readonly rows: number }) {
  const most = column.top[0]?.rows ?? 1
  return (
    <ul aria-label={texts.topLabel(column.name)} className="flex flex-col gap-1 text-xs">
      {column.top.slice(0, SHOWN).map(({ value, rows: count }) => (
        <li key={value} className="relative flex items-baseline gap-2 px-1.5 py-0.5">
          <span
            aria-hidden
            className="absolute inset-y-0 left-0 rounded-xs bg-accent-soft"
            style={{ width: `${(count / most) * 100}%` }}
          />
          <span className="relative min-w-0 truncate" title={value} dir="auto">
            {value === '' ? '∅' : value}
          </span>
          <span className="num relative ml-auto shrink-0 text-soft">
            {formatShare(count / Math.max(rows, 1))}
          </span>
        </li>
      ))}
    </ul>
  )
}
