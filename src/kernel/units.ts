const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `999 B`, `1.2 kB`, `160 MB`: powers of 1000, two or three digits. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // Compared as they are written: 999,950 B are 1.0 MB, not 1000 kB.
  while (Math.round(value) >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`
}

/** `84 ms`, `1.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `1,234,567`: the same in every locale. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}
