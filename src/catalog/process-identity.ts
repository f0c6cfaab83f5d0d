import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** True while a process of this number exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A process that has ended, and whose parent has not asked for its exit code yet. */
function isZombie(pid: number): boolean {
  try {
    return fieldsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))[0] === 'Z'
  } catch {
    return false
  }
}

/** The fields after the name, which stands in parentheses and may hold anything. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/**
 * Tells a process from a later one of the same number: boot and start time as Linux counts them.
 * Null where there is no /proc, or no such process.
 */
export async function processStart(pid: number): Promise<string | null> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    const start = fieldsOf(await readFile(`/proc/${pid}/stat`, 'utf8'))[19]
    return start === undefined ? null : `${boot.trim()}:${start}`
  } catch {
    return null
  }
}
