import { useQuery } from '@tanstack/react-query'

import type { MillraceError } from '#sdk/error.ts'
import type { Row } from '#sdk/row-stream.ts'
import { useTenant } from '~/api/access.ts'
import { callOperation } from '~/api/client.ts'
import { questionOf, type SeenAccess } from '~/doors/seen-data.ts'

const ROWS = 5

/** The first rows of a dataset or endpoint that an access lets be seen. */
export function useSample(
  { name, kind }: { readonly name: string; readonly kind: 'dataset' | 'endpoint' },
  access: SeenAccess,
) {
  const tenant = useTenant()
  const question = { ...questionOf(access, name), limit: ROWS, format: 'json' as const }
  return useQuery<readonly Row[], MillraceError>({
    queryKey: ['call', tenant, `${kind}s.rows`, { name, ...question }, 'sample'],
    queryFn: async ({ signal }) => {
      const rows =
        kind === 'dataset'
          ? await callOperation(tenant, 'datasets.rows', { dataset: name, ...question }, { signal })
          : await callOperation(
              tenant,
              'endpoints.rows',
              { endpoint: name, ...question },
              { signal },
            )
      return rows.all()
    },
    placeholderData: (former) => former,
    retry: false,
    staleTime: 60_000,
  })
}
