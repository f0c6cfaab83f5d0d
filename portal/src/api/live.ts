import type { QueryClient } from '@tanstack/react-query'

import { callOperation } from '~/api/client.ts'
import { keyOfTab } from '~/api/place.ts'
import { touchedByEvent } from '~/api/touches.ts'

interface LiveEvent {
  readonly kind: string
}

/** What is old is asked for again at most so often, however many events come. */
const REFETCH_MS = 700
const AGAIN_MS = 2_000

/**
 * Follows the events of a tenant until the returned function is called. A browser keeps few connections
 * to one server, so one tab holds the stream and tells the others; when it closes, another takes over.
 */
export function followEvents(tenant: string, queries: QueryClient): () => void {
  const ending = new AbortController()
  const name = `millrace ${keyOfTab() ?? 'session'} ${tenant}`
  const channel = new BroadcastChannel(name)
  const stale = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const take = (event: LiveEvent) => {
    for (const resource of touchedByEvent(event.kind)) stale.add(resource)
    if (stale.size === 0) return
    timer ??= setTimeout(() => {
      timer = undefined
      const resources = new Set(stale)
      stale.clear()
      void queries.invalidateQueries({
        predicate: ({ queryKey }) =>
          queryKey[1] === tenant && resources.has(String(queryKey[2]).split('.')[0] ?? ''),
      })
    }, REFETCH_MS)
  }
  channel.addEventListener('message', ({ data }: MessageEvent<LiveEvent>) => take(data))

  const hold = async () => {
    let after: number | undefined
    while (!ending.signal.aborted) {
      try {
        const input = { as: 'ndjson' as const, ...(after !== undefined && { after }) }
        const stream = await callOperation(tenant, 'events.stream', input, {
          signal: ending.signal,
        })
        for await (const row of stream) {
          if (typeof row['sequence'] === 'number') after = row['sequence']
          if (typeof row['kind'] !== 'string') continue
          const event = row as unknown as LiveEvent
          channel.postMessage(event)
          take(event)
        }
      } catch {
        // Whoever may not, or is away: the screens work without, and another try costs little.
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
    }
  }
  // Held for as long as this tab follows; rejected when it stops waiting.
  const lock = navigator.locks?.request(name, { signal: ending.signal }, hold) ?? hold()
  lock.catch(() => {})
  return () => {
    ending.abort()
    clearTimeout(timer)
    channel.close()
  }
}
