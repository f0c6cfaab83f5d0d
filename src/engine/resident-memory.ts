import { readFileSync } from 'node:fs'

/** Memory of its own (not file pages that it shares) that a process holds; null where it is gone or the system does not tell. */
export function residentBytes(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = /^RssAnon:\s*(\d+)/m.exec(status)?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) * 1024
  } catch {
    return null
  }
}
