import { queryOptions } from '@tanstack/react-query'

import type { MillraceError } from '#sdk/error.ts'
import { parseExact } from '#sdk/exact-json.ts'
import type { ChartRow } from '#charts/chart-options.ts'
import { callOperation } from '~/api/client.ts'
import { chooseChart, type ShownColumn } from '~/charts/choose-chart.ts'

const ROWS = 200
/** So many rows make a picture. */
const ROWS_ENOUGH = 5
/** Endpoints that are asked at most until one answers something to draw. */
const ASKED_MOST = 6

export interface FirstRows {
  readonly endpoint: string
  readonly rows: readonly ChartRow[]
  readonly chart: NonNullable<ReturnType<typeof chooseChart>>
}

/** An endpoint of a tenant whose answer makes a picture; null: none yet. `after`: asks again. */
export function firstRowsQuery(tenant: string, after: string) {
  return queryOptions<FirstRows | null, MillraceError>({
    queryKey: ['call', tenant, 'endpoints.rows', 'first', after],
    queryFn: async ({ signal }) => {
      const { endpoints } = await callOperation(tenant, 'endpoints.list', {}, { signal })
      const ready = endpoints.filter(({ parameters }) =>
        parameters.every((parameter) => parameter.default !== null),
      )
      let best: FirstRows | null = null
      for (const { endpoint } of ready.slice(0, ASKED_MOST)) {
        const found = await drawn(tenant, endpoint, signal).catch(() => null)
        if (found && found.rows.length > (best?.rows.length ?? 0)) best = found
        if (best && best.rows.length >= ROWS_ENOUGH) break
      }
      return best
    },
    retry: false,
  })
}

async function drawn(
  tenant: string,
  endpoint: string,
  signal: AbortSignal,
): Promise<FirstRows | null> {
  const input = { endpoint, limit: ROWS, format: 'json' as const }
  const stream = await callOperation(tenant, 'endpoints.rows', input, { signal })
  const { rows, columns } = parseExact(await stream.text()) as {
    rows: ChartRow[]
    columns: ShownColumn[]
  }
  const chart = rows.length === 0 ? null : chooseChart(columns, rows)
  return chart && { endpoint, rows, chart }
}
