import { auditTexts as texts } from '~/texts/audit.ts'
import { formatCount } from '~/ui/format.ts'

/** Ranked bars, each the way to its rows. */
export function Ranked({
  counts,
  onChoose,
}: {
  readonly counts: readonly (readonly [name: string, count: number])[]
  readonly onChoose: (name: string) => void
}) {
  const top = Math.max(...counts.map(([, count]) => count), 1)
  return (
    <ul className="flex flex-col gap-0.5">
      {counts.map(([name, count]) => (
        <li key={name}>
          <button
            type="button"
            title={texts.bar(name, formatCount(count))}
            onClick={() => onChoose(name)}
            className="grid h-7 w-full grid-cols-[minmax(0,2fr)_minmax(0,3fr)_3rem] items-center gap-2 rounded px-1 text-left text-sm hover:bg-sunken"
          >
            <bdi className="truncate">{name}</bdi>
            <span aria-hidden className="h-2 rounded-full bg-sunken">
              <span
                className="block h-full min-w-1 rounded-full bg-accent"
                style={{ width: `${(count / top) * 100}%` }}
              />
            </span>
            <span className="num text-right text-xs text-faint">{formatCount(count, true)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
