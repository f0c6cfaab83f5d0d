export type KeyState = 'active' | 'expiring' | 'expired' | 'revoked'

interface Times {
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

const SOON_MS = 14 * 86_400_000

/** `now` in milliseconds since 1970. */
export function keyState({ expiresAt, revokedAt }: Times, now: number): KeyState {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt === null) return 'active'
  const leftMs = Date.parse(expiresAt) - now
  return leftMs <= 0 ? 'expired' : leftMs < SOON_MS ? 'expiring' : 'active'
}

/** Between 0, idle, and 1, empty: what a key has taken out of its bucket. */
export function rateUsed({
  left,
  burst,
}: {
  readonly left: number
  readonly burst: number
}): number {
  return burst <= 0 ? 1 : Math.min(1, Math.max(0, 1 - left / burst))
}

interface Hour {
  readonly hour: string
  readonly requests: number
}

const HOUR_MS = 3_600_000

/** Requests of the last `hours` hours, oldest first, with a zero where there were none. */
export function byHour(given: readonly Hour[], now: number, hours = 24): number[] {
  const last = Math.floor(now / HOUR_MS)
  const counts = new Map(
    given.map(({ hour, requests }) => [Math.floor(Date.parse(hour) / HOUR_MS), requests]),
  )
  return Array.from({ length: hours }, (_, at) => counts.get(last - hours + 1 + at) ?? 0)
}

/** A request that works: rows of an endpoint where there is one, else the list of datasets. */
export function curlOf(home: string, key: string, endpoint: string | null): string {
  const path =
    endpoint === null ? 'v1/datasets' : `v1/endpoints/${encodeURIComponent(endpoint)}/rows?limit=10`
  return `curl -H 'Authorization: Bearer ${key}' '${new URL(path, home).href}'`
}
