import { useEffect, useMemo, useState } from 'react'

import type { InputOf, OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import type { Grid, GridRow } from '~/matrix/grid.ts'
import { DAY_MS } from '~/matrix/levels.ts'
import { unpack } from '~/matrix/tiles.ts'
import { useSettledView, type ViewStore } from '~/matrix/view-store.ts'
import { askedFor, type View } from '~/matrix/view.ts'

type Shown = OutputOf<'matrix.tenants'>

/** A tenant's line: its `dataset` is the tenant, for selections are of rows. */
export interface TenantRow extends GridRow {
  readonly shown: Shown['rows'][number]
}

const TENANTS = 60
const COUNTING_MS = 600
const BUSY_MS = 2_000
const PIXELS_A_COLUMN = 6

export function useTenantsMatrix(
  filter: { readonly dataset: string; readonly prefix: string; readonly after: string },
  store: ViewStore,
) {
  const [width, setWidth] = useState(0)
  const view = useSettledView(store)
  const { dataset, prefix, after } = filter
  const input: NonNullable<InputOf<'matrix.tenants'>> = {
    ...(dataset !== '' && { dataset }),
    ...(prefix !== '' && { prefix }),
    ...(after !== '' && { after }),
    limit: TENANTS,
    ...(view && width > 0
      ? askedFor(view, width)
      : { columns: Math.max(40, Math.floor(innerWidth / PIXELS_A_COLUMN)) }),
  }
  const query = useOperation('matrix.tenants', input, { keepFormer: true, everyMs: nextMs })
  const { data } = query
  const grid = useMemo(() => data && gridOf(data), [data])
  const extent = grid?.extent ?? null
  useEffect(() => {
    if (extent && store.get() === null) store.fit(extent)
  }, [extent, store])
  return { query, input, grid, setWidth }
}

/** No event tells of other tenants: what is counted or changes is asked for again. */
function nextMs(data: Shown | undefined): number | false {
  if (data?.rows.some(({ standing }) => standing === 'waits')) return COUNTING_MS
  const isBusy = data?.states.some(
    (state, code) => (state === 'queued' || state === 'running') && (data.totals[code] ?? 0) > 0,
  )
  return isBusy === true || data?.rows.some(({ standing }) => standing === 'behind') === true
    ? BUSY_MS
    : 15_000
}

export interface TenantsGrid extends Grid {
  readonly rowAt: (index: number) => TenantRow | undefined
}

function gridOf({ rows, states, grain, extent }: Shown): TenantsGrid {
  const drawn = rows.map((shown): TenantRow => {
    const none = { level: 'all', first: 0, runs: [] } as const
    return {
      key: shown.tenant,
      label: shown.name,
      dataset: shown.tenant,
      part: null,
      grain,
      tiles: unpack(shown.tiles ?? none, states.length),
      shown,
    }
  })
  return {
    states,
    rowsAll: drawn.length,
    rowAt: (index) => drawn[index],
    extent: extent
      ? spanOf(extent)
      : { from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 1) + 30 * DAY_MS },
  }
}

function spanOf({ from, to }: { readonly from: string; readonly to: string }): View {
  return { from: Date.parse(from), to: Date.parse(to) }
}
