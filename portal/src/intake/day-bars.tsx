/** Rows by day as bars, the rejected ones on top in their own colour. */
export function DayBars({
  days,
  label,
}: {
  readonly days: readonly { readonly received: number; readonly quarantined: number }[]
  /** What is shown, for those who do not see it. */
  readonly label: string
}) {
  const most = Math.max(...days.map(({ received }) => received), 1)
  const width = 100 / days.length
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox="0 0 100 28"
      preserveAspectRatio="none"
      className="h-7 w-full"
    >
      <title>{label}</title>
      <line x1="0" x2="100" y1="27.5" y2="27.5" stroke="var(--line)" strokeWidth="1" />
      {days.map(({ received, quarantined }, at) => {
        const size = received === 0 ? 0 : Math.max((received / most) * 26, 1.5)
        const bad = quarantined === 0 ? 0 : Math.max((quarantined / most) * 26, 1.5)
        const x = at * width + width * 0.12
        return (
          <g key={at}>
            <rect x={x} y={27 - size} width={width * 0.76} height={size} fill="var(--accent)" />
            <rect x={x} y={27 - size} width={width * 0.76} height={bad} fill="var(--warn)" />
          </g>
        )
      })}
    </svg>
  )
}
