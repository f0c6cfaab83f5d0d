import {
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
  type InfiniteData,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query'

import type { MillraceError } from '#sdk/error.ts'
import { useTenant } from '~/api/access.ts'
import { callOperation, type InputOf, type OperationName, type OutputOf } from '~/api/client.ts'
import { touchedBy } from '~/api/touches.ts'

export interface QuerySettings<Output> {
  /** False: nothing is asked yet. */
  readonly enabled?: boolean
  /** Asked again after so many milliseconds, for what no event tells of. */
  readonly everyMs?: number | false | ((data: Output | undefined) => number | false)
  /** The former answer stays until the next one is here: for filters and pages. */
  readonly keepFormer?: boolean
}

/** What a query of an operation is: for `useQuery`, for loading ahead, for reading what is there. */
export function operationQuery<Name extends OperationName>(
  tenant: string | null,
  name: Name,
  input: InputOf<Name>,
) {
  return queryOptions<OutputOf<Name>, MillraceError>({
    queryKey: ['call', tenant, name, input],
    queryFn: ({ signal }) => callOperation(tenant, name, input, { signal }),
  })
}

/**
 * The answer of an operation for the tenant of the address: loading, there, or a problem. What an event
 * or a change of our own touches is asked for again by itself.
 *
 *     const runs = useOperation('runs.list', { limit: 20 })
 */
export function useOperation<Name extends OperationName>(
  name: Name,
  input: InputOf<Name>,
  { enabled = true, everyMs = false, keepFormer = false }: QuerySettings<OutputOf<Name>> = {},
): UseQueryResult<OutputOf<Name>, MillraceError> {
  const tenant = useTenant()
  return useQuery({
    ...operationQuery(tenant, name, input),
    enabled,
    refetchInterval: typeof everyMs === 'function' ? (query) => everyMs(query.state.data) : everyMs,
    ...(keepFormer && { placeholderData: keepPreviousData }),
  })
}

/** Page by page: `pages.data.pages`, `pages.fetchNextPage()`. The cursor is `next` of each answer. */
export function useOperationPages<Name extends OperationName>(
  name: Name,
  input: InputOf<Name>,
  {
    cursorField = 'cursor',
    enabled = true,
    everyMs = false,
  }: {
    cursorField?: string
    enabled?: boolean
    everyMs?: number | false | ((pages: readonly OutputOf<Name>[]) => number | false)
  } = {},
) {
  const tenant = useTenant()
  return useInfiniteQuery<
    OutputOf<Name>,
    MillraceError,
    InfiniteData<OutputOf<Name>>,
    readonly unknown[],
    unknown
  >({
    queryKey: ['call', tenant, name, input, 'pages'],
    queryFn: ({ pageParam, signal }) => {
      const asked =
        pageParam == null
          ? input
          : ({ ...(input as object), [cursorField]: pageParam } as InputOf<Name>)
      return callOperation(tenant, name, asked, { signal })
    },
    initialPageParam: undefined,
    getNextPageParam: (page) => (page as { next?: unknown }).next ?? null,
    enabled,
    refetchInterval:
      typeof everyMs === 'function' ? (query) => everyMs(query.state.data?.pages ?? []) : everyMs,
  })
}

export interface ChangeSettings<Output, Input> {
  readonly onDone?: (output: Output, input: Input) => void
  /** True: the screen shows the problem itself. */
  readonly quiet?: boolean
}

/**
 * A change: `start.mutate({ datasets: ['top_users'] })`. A problem is shown in words, and everything
 * that the change touches is asked for again.
 */
export function useChange<Name extends OperationName>(
  name: Name,
  { onDone, quiet = false }: ChangeSettings<OutputOf<Name>, InputOf<Name>> = {},
): UseMutationResult<OutputOf<Name>, MillraceError, InputOf<Name>> {
  const tenant = useTenant()
  const queries = useQueryClient()
  return useMutation<OutputOf<Name>, MillraceError, InputOf<Name>>({
    mutationFn: (input) => callOperation(tenant, name, input),
    onSuccess: (output, input) => {
      const touched = touchedBy(name)
      void queries.invalidateQueries({
        predicate: ({ queryKey }) => touched.has(String(queryKey[2]).split('.')[0] ?? ''),
      })
      onDone?.(output, input)
    },
    // The rest is shown for every screen alike: main.tsx.
    meta: { quiet },
  })
}
