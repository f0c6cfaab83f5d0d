/** Bars of days, today at the right; each says its day and value on hover. */
export function DayBars({
  days,
  values,
  label,
  format,
}: {
  readonly days: readonly string[]
  readonly values: readonly number[]
  readonly label: string
  readonly format: (value: number) => string
}) {
  const top = Math.max(...values, 1)
  return (
    <div role="img" aria-label={label} className="flex h-16 items-end gap-px">
      {days.map((day, at) => {
        const value = values[at] ?? 0
        return (
          <span
            key={day}
            title={`${day}: ${format(value)}`}
            className="group flex h-full min-w-0 grow items-end"
          >
            <span
              className={
                value === 0
                  ? 'h-px w-full bg-line'
                  : 'w-full rounded-t-xs bg-accent opacity-80 group-hover:opacity-100'
              }
              style={value === 0 ? {} : { height: `${Math.max((value / top) * 100, 3)}%` }}
            />
          </span>
        )
      })}
    </div>
  )
}
