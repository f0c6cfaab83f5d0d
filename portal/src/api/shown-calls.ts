import { useQueryClient, type QueryCache } from '@tanstack/react-query'
import { useCallback, useMemo, useSyncExternalStore } from 'react'

import { operations } from '#sdk/operations.gen.ts'
import { useTenant } from '~/api/access.ts'
import type { OperationName } from '~/api/client.ts'

/** What a view shows, as an operation and its input. */
export interface Call {
  readonly operation: OperationName
  readonly input: object
}

/** Asked by the frame around every screen. */
const OF_THE_FRAME: ReadonlySet<string> = new Set(['access.show', 'account.show'])

/** Every call whose answer stands on the screen at this moment, by its operation. */
export function useShownCalls(): readonly Call[] {
  const tenant = useTenant()
  const said = useOfCache((cache) => {
    const calls = cache
      .findAll({ type: 'active', queryKey: ['call', tenant] })
      .flatMap(({ queryKey: [, , operation, input] }) =>
        isCall(operation, input) ? [JSON.stringify({ operation, input }, plainly)] : [],
      )
    return [...new Set(calls)].toSorted().join('\n')
  })
  return useMemo(
    () => (said === '' ? [] : said.split('\n').map((line) => JSON.parse(line) as Call)),
    [said],
  )
}

/**
 * When the newest answer of the operation came, which tells of the state at that moment; where the view
 * shows none of it, when the oldest of its answers came. Null: none has come yet.
 */
export function useAnsweredAt(operation: OperationName | undefined): string | null {
  const tenant = useTenant()
  const at = useOfCache((cache) => {
    if (operation === undefined) return 0
    const timesOf = (...key: unknown[]) =>
      cache
        .findAll({ type: 'active', queryKey: ['call', tenant, ...key] })
        .map(({ state }) => state.dataUpdatedAt)
        .filter((time) => time > 0)
    const own = timesOf(operation)
    return own.length > 0 ? Math.max(...own) : Math.min(...timesOf(), Infinity)
  })
  return at === 0 || at === Infinity ? null : new Date(at).toISOString()
}

function useOfCache<Value extends string | number>(read: (cache: QueryCache) => Value): Value {
  const cache = useQueryClient().getQueryCache()
  const subscribe = useCallback((changed: () => void) => cache.subscribe(changed), [cache])
  return useSyncExternalStore(subscribe, () => read(cache))
}

function isCall(operation: unknown, input: unknown): boolean {
  if (typeof operation !== 'string' || OF_THE_FRAME.has(operation)) return false
  const [resource = '', verb = ''] = operation.split('.')
  return operations[resource]?.[verb] !== undefined && typeof input === 'object' && input !== null
}

const plainly = (_name: string, value: unknown) =>
  typeof value === 'bigint' ? value.toString() : value
