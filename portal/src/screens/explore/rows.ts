import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'

import type { MillraceError } from '#sdk/error.ts'
import { parseExact } from '#sdk/exact-json.ts'
import type { RowStream } from '#sdk/row-stream.ts'
import { useTenant } from '~/api/access.ts'
import { callOperation, type InputOf } from '~/api/client.ts'
import type { RowsInput } from '~/rows/question.ts'

export type Row = Readonly<Record<string, unknown>>

export interface RowPage {
  readonly rows: readonly Row[]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly receipt: string
  readonly asOf: string
  readonly commit: number
  readonly completeness: {
    readonly expected: number
    readonly published: number
    readonly missing: readonly string[]
  }
  readonly next: string | null
  /** Rows of the whole answer; null: nobody has counted them. */
  readonly total: number | null
}

const PAGE_ROWS = 1000

/** What a stream of JSON says, digits and all. */
export async function pageOf(stream: RowStream): Promise<RowPage> {
  const total = stream.totalRows
  const text = await stream.text()
  return { ...(parseExact(text) as Omit<RowPage, 'total'>), total }
}

async function fetchPage(
  tenant: string | null,
  input: RowsInput & { readonly cursor?: string },
  signal: AbortSignal,
): Promise<RowPage> {
  const asked = { ...input, limit: PAGE_ROWS } as InputOf<'rows.page'>
  return pageOf(await callOperation(tenant, 'rows.page', asked, { signal }))
}

/**
 * The first page, which is asked for again when something is published, and those behind it, which
 * belong to the receipt of the first: they are of one state, however long somebody scrolls.
 */
export function useRows(input: RowsInput | null) {
  const tenant = useTenant()
  const resource = input !== null && 'endpoint' in input ? 'endpoints' : 'datasets'
  const first = useQuery<RowPage, MillraceError>({
    // The name says what makes it old.
    queryKey: ['call', tenant, `${resource}.page`, input],
    queryFn: ({ signal }) => fetchPage(tenant, input as RowsInput, signal),
    enabled: input !== null,
    placeholderData: (former, query) =>
      isSameSubject(query?.queryKey[3] as RowsInput | undefined, input) ? former : undefined,
  })
  const start = first.data?.next ?? null
  const rest = useInfiniteQuery<RowPage, MillraceError>({
    queryKey: ['rows behind', tenant, first.data?.receipt, input],
    queryFn: ({ pageParam, signal }) =>
      fetchPage(tenant, { ...(input as RowsInput), cursor: String(pageParam) }, signal),
    initialPageParam: start,
    getNextPageParam: ({ next }) => next,
    enabled: false,
    staleTime: Infinity,
    // Pages of one receipt never change: there is nothing to compare.
    structuralSharing: false,
  })
  const behind = rest.data?.pages ?? []
  const isMore = start !== null && (behind.length === 0 || rest.hasNextPage)
  return {
    first,
    pages: first.data === undefined ? [] : [first.data, ...behind],
    isMore,
    isFetchingMore: rest.isFetching,
    problem: rest.error,
    more: () => {
      if (isMore && !rest.isFetching) void rest.fetchNextPage()
    },
  }
}

/** Rows of one answer that are compared with those of another. */
const COMPARED_MOST = 20_000

/** All rows of an answer, or as many as are compared: `isWhole` tells which. Null: on their way. */
export function useAllRows(input: RowsInput | null, page: RowPage | undefined) {
  const tenant = useTenant()
  const start = page?.next ?? null
  const behind = useQuery<{ rows: readonly Row[]; isWhole: boolean }, MillraceError>({
    queryKey: ['all rows', tenant, page?.receipt, input],
    queryFn: async ({ signal }) => {
      const rows: Row[] = []
      let cursor = start
      while (cursor !== null && rows.length < COMPARED_MOST - PAGE_ROWS) {
        const next = await fetchPage(tenant, { ...(input as RowsInput), cursor }, signal)
        rows.push(...next.rows)
        cursor = next.next
      }
      return { rows, isWhole: cursor === null }
    },
    enabled: start !== null && input !== null,
    staleTime: Infinity,
    structuralSharing: false,
  })
  const all = useMemo(() => {
    if (page === undefined) return null
    if (start === null) return { rows: page.rows, isWhole: true }
    return behind.data === undefined
      ? null
      : { rows: [...page.rows, ...behind.data.rows], isWhole: behind.data.isWhole }
  }, [page, start, behind.data])
  return { all, problem: behind.error, again: () => void behind.refetch() }
}

/** The former picture stays while a filter changes, and goes with the thing that it is of. */
function isSameSubject(a: RowsInput | null | undefined, b: RowsInput | null): boolean {
  if (!a || !b) return false
  return JSON.stringify([nameOf(a), a.select]) === JSON.stringify([nameOf(b), b.select])
}

const nameOf = (input: RowsInput) => ('endpoint' in input ? input.endpoint : input.dataset)
