import { useOperation } from '~/api/operation.ts'
import { countSeen, type SeenAccess } from '~/doors/seen-data.ts'
import { doors } from '~/texts/doors.ts'
import { classes } from '~/ui/classes.ts'

export interface Thing {
  readonly name: string
  readonly kind: 'endpoint' | 'dataset'
  readonly description: string
  /** Known of endpoints only. */
  readonly columns: readonly string[] | null
}

/** Endpoints first, for those are what is given to others. */
export function useThings(): readonly Thing[] | undefined {
  const datasets = useOperation('datasets.list', {})
  const endpoints = useOperation('endpoints.list', { limit: 1000 })
  if (!datasets.data || !endpoints.data) return undefined
  return [
    ...endpoints.data.endpoints.map(({ endpoint, description, columns }) => ({
      name: endpoint,
      kind: 'endpoint' as const,
      description,
      columns: columns.map(({ name }) => name),
    })),
    ...datasets.data.datasets.map(({ dataset, description }) => ({
      name: dataset,
      kind: 'dataset' as const,
      description,
      columns: null,
    })),
  ]
}

/** `3 of 12 datasets`, with a bar: what of the data somebody sees. */
export function Seen({
  access,
  names,
}: {
  /** Null: all of it. */
  readonly access: SeenAccess | null
  readonly names: readonly string[] | undefined
}) {
  if (access === null) return <span className="text-soft">{doors.seesAll}</span>
  if (names === undefined) return null
  const { seen, all, fewerColumns, fewerRows } = countSeen(access, names)
  const isAll = access.endpoints === null
  const more = [
    ...(fewerColumns > 0 ? [doors.fewerColumns(fewerColumns)] : []),
    ...(fewerRows > 0 ? [doors.fewerRows(fewerRows)] : []),
  ].join(', ')
  const share = all === 0 ? 0 : seen / all
  return (
    <span className="block min-w-0" title={more || undefined}>
      <span className="flex items-baseline gap-1.5 truncate">
        {isAll && more === ''
          ? doors.seesAll
          : seen === 0
            ? doors.seesNone
            : doors.seesOf(seen, all)}
      </span>
      {more !== '' && <span className="block truncate text-xs text-warn">{more}</span>}
      <span aria-hidden className="mt-1 block h-1 w-full max-w-40 rounded-full bg-sunken">
        <span
          className={classes('block h-1 rounded-full', share === 1 ? 'bg-soft' : 'bg-accent')}
          style={{ width: `${share * 100}%` }}
        />
      </span>
    </span>
  )
}
