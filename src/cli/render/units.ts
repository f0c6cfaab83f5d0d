import { formatCount } from '#kernel/units.ts'

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

/** `2021-04-17 09:30` in UTC. */
export function formatInstant(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ')
}

/** `3 min ago`; an instant for what is older than a day. */
export function formatAge(iso: string, now: Date): string {
  const ms = now.getTime() - new Date(iso).getTime()
  if (ms < 0 || ms > 86_400_000) return formatInstant(iso)
  if (ms < 60_000) return 'just now'
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`
  return `${Math.floor(ms / 3_600_000)} h ago`
}

/** `in 3 min`; in days when it is further off than two of them. */
export function formatUntil(iso: string, now: Date): string {
  const ms = new Date(iso).getTime() - now.getTime()
  if (ms < 60_000) return 'now'
  if (ms < 3_600_000) return `in ${Math.floor(ms / 60_000)} min`
  if (ms < 172_800_000) return `in ${Math.floor(ms / 3_600_000)} h`
  return `in ${Math.floor(ms / 86_400_000)} days`
}
