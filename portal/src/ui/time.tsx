import { useSyncExternalStore } from 'react'

import { useZone } from '~/api/access.ts'
import { formatAge, formatTime } from '~/ui/format.ts'

const TICK_MS = 15_000
const listeners = new Set<() => void>()
let now = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(changed: () => void): () => void {
  listeners.add(changed)
  // After a while without lookers it has stood still.
  if (Date.now() - now > TICK_MS) now = Date.now()
  timer ??= setInterval(() => {
    now = Date.now()
    for (const each of listeners) each()
  }, TICK_MS)
  return () => {
    listeners.delete(changed)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

/** Milliseconds since 1970; goes on every quarter of a minute, for all who look. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

/** A time as an age (`3 minutes ago`), with the time itself in the tenant's zone on hover. */
export function Time({ at, exact = false }: { readonly at: string; readonly exact?: boolean }) {
  const zone = useZone()
  const current = useNow()
  const whole = formatTime(at, zone, true)
  return (
    <time dateTime={at} title={`${whole} ${zone}`} className="num whitespace-nowrap">
      {exact ? formatTime(at, zone) : formatAge(at, current)}
    </time>
  )
}
