/** Figures as people read them; English separators everywhere, so that output is equal on every machine. */

const grouped = new Intl.NumberFormat('en-US')

export function formatCount(count: number): string {
  return grouped.format(count)
}

/** `1 row`, `2 rows`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)} ${units[unit]}`
}

export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  const seconds = ms / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const minutes = Math.round(seconds / 60)
  if (seconds < 3600) {
    const whole = Math.round(seconds)
    return `${Math.floor(whole / 60)} min ${whole % 60} s`
  }
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
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
