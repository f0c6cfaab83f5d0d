import { existsSync, readdirSync, readFileSync } from 'node:fs'

const EVERY_MS = 50

/** True where the kernel tells the proportional set size of a process (Linux). */
export const canMeasureMemory = existsSync('/proc/self/smaps_rollup')

export interface MemorySampler {
  /** Largest sum that was seen, in bytes. */
  stop(): number
}

/**
 * Adds up the proportional set sizes (PSS: shared pages count once, shared out) of a process and all
 * below it, every 50 ms.
 */
export function openMemorySampler(pid: number): MemorySampler {
  let peakBytes = 0
  const sample = () => {
    peakBytes = Math.max(peakBytes, memoryOfTree(pid))
  }
  const timer = setInterval(sample, EVERY_MS)
  return {
    stop() {
      clearInterval(timer)
      return peakBytes
    },
  }
}

export function memoryOfTree(root: number): number {
  const children = Map.groupBy(readProcesses(), ({ parent }) => parent)
  let bytes = 0
  const visit = (pid: number) => {
    bytes += memoryOf(pid)
    for (const child of children.get(pid) ?? []) visit(child.pid)
  }
  visit(root)
  return bytes
}

function readProcesses(): { pid: number; parent: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name)
    if (!Number.isInteger(pid)) return []
    // `pid (name) state parent …`: the name may hold spaces and brackets.
    const stat = readOrNothing(`/proc/${pid}/stat`)
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    return Number.isInteger(parent) ? [{ pid, parent }] : []
  })
}

function memoryOf(pid: number): number {
  const [, kilobytes = '0'] =
    /^Pss:\s+(\d+) kB$/m.exec(readOrNothing(`/proc/${pid}/smaps_rollup`)) ?? []
  return Number(kilobytes) * 1024
}

/** Processes come and go while they are looked at. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
