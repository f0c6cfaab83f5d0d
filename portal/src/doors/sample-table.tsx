import { MillraceError } from '#sdk/error.ts'
import type { Row } from '#sdk/row-stream.ts'
import { doors } from '~/texts/doors.ts'
import { classes } from '~/ui/classes.ts'
import { formatValue } from '~/ui/format.ts'
import { Skeleton, wordsOf } from '~/ui/states.tsx'

/** A few rows as they are; a cell that is too long is cut. */
export function SampleTable({
  name,
  of: { data, error },
}: {
  readonly name: string
  readonly of: { readonly data: readonly Row[] | undefined; readonly error: unknown }
}) {
  if (error != null) {
    // An endpoint that asks for a value first is no fault.
    const isAsking = error instanceof MillraceError && error.status === 400
    return (
      <p className={classes('text-xs', isAsking ? 'text-faint' : 'text-bad')}>
        {wordsOf(error).text}
      </p>
    )
  }
  if (data === undefined) {
    return (
      <div role="status" aria-label={doors.access.sampling}>
        <Skeleton className="h-20 w-full" />
      </div>
    )
  }
  const columns = Object.keys(data[0] ?? {})
  if (columns.length === 0) return <p className="text-xs text-faint">{doors.access.noSample}</p>
  return (
    <div className="overflow-x-auto rounded-md border border-line bg-surface" tabIndex={0}>
      <table className="w-full text-left text-xs">
        <caption className="sr-only">{doors.access.sampleOf(name)}</caption>
        <thead className="bg-sunken text-soft">
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" className="px-2 py-1 font-medium whitespace-nowrap">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {data.map((row, at) => (
            <tr key={at} className="border-t border-line">
              {columns.map((column) => (
                <td key={column} className="max-w-48 truncate px-2 py-1">
                  {formatValue(row[column])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
