import { classes } from '~/ui/classes.ts'

/** Small drawings in lists. They say in words what they show; a point without a number is a gap. */

interface Drawn {
  readonly values: readonly (number | null)[]
  /** What is shown, for those who do not see it. */
  readonly label: string
  readonly width?: number
  readonly height?: number
  readonly className?: string
}

export function Sparkline({ values, label, width = 96, height = 24, className }: Drawn) {
  const known = values.filter((value) => value !== null)
  const top = Math.max(...known, 0)
  const bottom = Math.min(...known, 0)
  const step = values.length > 1 ? width / (values.length - 1) : 0
  const y = (value: number) =>
    top === bottom ? height / 2 : height - 2 - ((value - bottom) / (top - bottom)) * (height - 4)
  let path = ''
  let isOpen = false
  values.forEach((value, at) => {
    if (value === null) isOpen = false
    else {
      path += `${isOpen ? 'L' : 'M'}${(at * step).toFixed(1)} ${y(value).toFixed(1)}`
      isOpen = true
    }
  })
  const last = values.findLastIndex((value) => value !== null)
  const end = values[last]
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className={classes('h-6 w-24 overflow-visible text-accent', className)}
    >
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
      {end != null && <circle cx={last * step} cy={y(end)} r="2" fill="currentColor" />}
    </svg>
  )
}

export function Bars({ values, label, width = 96, height = 24, className }: Drawn) {
  const top = Math.max(...values.map((value) => value ?? 0), 1e-9)
  const step = width / Math.max(values.length, 1)
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      className={classes('h-6 w-24 text-accent', className)}
    >
      {values.map((value, at) => {
        const size = value === null ? 0 : Math.max((value / top) * height, value > 0 ? 1 : 0)
        return (
          <rect
            key={at}
            x={at * step + step * 0.1}
            y={height - size}
            width={step * 0.8}
            height={size}
            fill="currentColor"
          />
        )
      })}
    </svg>
  )
}

/** A share of a whole as a bar; beyond `warnAt` it warns. */
export function Gauge({
  share,
  label,
  warnAt = 0.8,
}: {
  readonly share: number
  readonly label: string
  readonly warnAt?: number
}) {
  const tone = share >= 1 ? 'bg-bad' : share >= warnAt ? 'bg-warn' : 'bg-accent'
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(Math.min(share, 1) * 100)}
      className="h-1.5 w-full overflow-hidden rounded-full bg-sunken"
    >
      <div
        className={classes('h-full rounded-full', tone)}
        style={{ width: `${Math.min(Math.max(share, 0), 1) * 100}%` }}
      />
    </div>
  )
}

/** How far something is; without a share it only says that it goes on. */
export function Progress({
  share,
  label,
}: {
  readonly share: number | null
  readonly label: string
}) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={share === null ? undefined : Math.round(share * 100)}
      className="h-1.5 w-full overflow-hidden rounded-full bg-busy-soft"
    >
      <div
        className={classes('h-full rounded-full bg-busy', share === null && 'w-1/3 animate-pulse')}
        style={share === null ? {} : { width: `${share * 100}%` }}
      />
    </div>
  )
}
