import type { OutputOf } from '~/api/client.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

/** What a test of the connection found: files, and whether the newest has the declared columns. */
export function ConnectionFound({ found }: { readonly found: OutputOf<'sources.test'> }) {
  const { objects, tookMs, newest, columns, missing, extra, location } = found
  const isGood = objects > 0 && missing.length === 0
  return (
    <div className="flex flex-col gap-2 rounded-md border border-line bg-sunken p-4 text-sm">
      <p className="flex items-center gap-2 font-medium">
        <StatusMark state={isGood ? 'passed' : 'warning'} />
        {objects === 0
          ? texts.testedNone
          : texts.tested(formatCount(objects), formatDuration(tookMs))}
      </p>
      <p className="font-mono text-xs text-faint [overflow-wrap:anywhere]">{location}</p>
      {objects === 0 && <p className="text-soft">{texts.testedNoneHint}</p>}
      <ul className="flex flex-col gap-1">
        {newest.map((one) => (
          <li key={one.location} className="flex flex-wrap items-baseline gap-x-3 text-xs">
            <span className="num w-24 shrink-0 font-medium">{one.partition}</span>
            <span className="num w-16 shrink-0 text-right">{formatBytes(one.sizeBytes)}</span>
            <Time at={one.modifiedAt} />
            <span className="min-w-0 truncate text-faint" title={one.location}>
              {one.location}
            </span>
          </li>
        ))}
      </ul>
      {columns !== null && (
        <div className="text-xs">
          <p>{texts.testedColumns(formatCount(columns.length))}</p>
          <p className="text-faint [overflow-wrap:anywhere]">{columns.join(', ')}</p>
          {missing.length > 0 ? (
            <p className="mt-1 font-medium text-bad">{texts.testedMissing(missing.join(', '))}</p>
          ) : (
            <p className="mt-1 text-good">{texts.testedFits}</p>
          )}
          {extra.length > 0 && <p className="text-soft">{texts.testedExtra(extra.join(', '))}</p>}
        </div>
      )}
    </div>
  )
}
