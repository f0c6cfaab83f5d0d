import { useQuery } from '@tanstack/react-query'

import type { ChartRow } from '#charts/chart-options.ts'
import { useTenant } from '~/api/access.ts'
import { callOperation } from '~/api/client.ts'

const ROWS = 200

export interface PreviewRows {
  readonly rows: readonly ChartRow[]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** The first rows of an endpoint with these parameters: what the form shows of a view. */
export function usePreviewRows(endpoint: string, parameters: Readonly<Record<string, string>>) {
  const tenant = useTenant()
  return useQuery<PreviewRows>({
    queryKey: ['call', tenant, 'endpoints.rows', { endpoint, parameters, limit: ROWS }],
    enabled: endpoint !== '',
    placeholderData: (former) => former,
    queryFn: async ({ signal }) => {
      const asked = { endpoint, parameters, limit: ROWS, format: 'json' as const }
      const stream = await callOperation(tenant, 'endpoints.rows', asked, { signal })
      return (await stream.response.json()) as PreviewRows
    },
  })
}
