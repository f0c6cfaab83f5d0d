import { useMemo } from 'react'

import { useOperation, useOperationPages } from '~/api/operation.ts'

const PAGE = 100
/** Keys that are shown with their use: the newest. */
const USES_MOST = 500
const EVERY_MS = 10_000

/** Keys page by page, each with how it is used. */
export function useKeys(onlyWorking: boolean) {
  const list = useOperationPages(
    'keys.list',
    { limit: PAGE, onlyWorking },
    { cursorField: 'after' },
  )
  const use = useOperation(
    'keys.use',
    { limit: USES_MOST, onlyWorking },
    { everyMs: EVERY_MS, keepFormer: true },
  )
  const all = useMemo(() => list.data?.pages.flatMap((page) => page.keys) ?? [], [list.data])
  const uses = useMemo(
    () => new Map(use.data?.keys.map((one) => [one.key, one] as const)),
    [use.data],
  )
  const more = () => void (list.hasNextPage && list.fetchNextPage())
  return { list, keys: all, uses, more }
}
