import { readFileSync, writeFileSync } from 'node:fs'

import type { JobCost } from '#model/outcome.ts'

/** Measures one job from now on; the returned function says what it has cost until then. */
export function startMeasuring(): () => JobCost {
  const startedMs = performance.now()
  const cpu = process.cpuUsage()
  const io = readIo()
  const resettable = resetPeak()
  return () => {
    const used = process.cpuUsage(cpu)
    const now = readIo()
    return {
      wallMs: Math.round(performance.now() - startedMs),
      cpuMs: Math.round((used.user + used.system) / 1000),
      peakMemoryBytes: resettable ? readPeak() : process.resourceUsage().maxRSS * 1024,
      readBytes: now.read - io.read,
      writtenBytes: now.written - io.written,
    }
  }
}

/** Starts the kernel's high-water mark anew (Linux); elsewhere the mark is the process's own. */
function resetPeak(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return true
  } catch {
    return false
  }
}

function readPeak(): number {
  return field(readFileSync('/proc/self/status', 'utf8'), 'VmHWM') * 1024
}

/** Bytes that went through read and write calls, whether or not they reached the disk. */
function readIo(): { readonly read: number; readonly written: number } {
  try {
    const text = readFileSync('/proc/self/io', 'utf8')
    return { read: field(text, 'rchar'), written: field(text, 'wchar') }
  } catch {
    return { read: 0, written: 0 }
  }
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0)
}
