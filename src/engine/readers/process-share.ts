import { readFileSync, readdirSync } from 'node:fs'
import { setPriority } from 'node:os'

/**
 * Gives every thread of a process this niceness: Linux keeps it for each thread. False where that is
 * not allowed, or the process is gone.
 */
export function setNice(pid: number | undefined, nice: number): boolean {
  if (pid === undefined) return false
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), nice)
    return true
  } catch {
    return false
  }
}

const TICK_MS = 10

/** Processor time that a process has used, to 10 ms; null where the system does not tell. */
export function processorMs(pid: number | undefined): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS
  } catch {
    return null
  }
}
