import { PassThrough, Readable } from 'node:stream'

import type { Terminal } from '#cli/terminal.ts'

export interface CapturedTerminal extends Terminal {
  /** What was written so far. */
  readonly written: { out: string; err: string }
  /** Ctrl-C. */
  interrupt(): void
}

/** A terminal in memory: no TTY unless asked for, no colours, 100 cells wide. */
export function captureTerminal(tty = false): CapturedTerminal {
  const written = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const sink = (name: 'out' | 'err') =>
    new PassThrough().on('data', (chunk: Buffer) => {
      written[name] += chunk.toString('utf8')
    })
  const [out, err] = [sink('out'), sink('err')]
  return {
    written,
    out,
    err,
    outIsTty: tty,
    errIsTty: tty,
    input: Readable.from([]),
    outLook: () => ({ width: 100, color: false }),
    errLook: () => ({ width: 100, color: false }),
    errHeight: () => 30,
    print: (lines) => void out.write(lines.map((line) => `${line}\n`).join('')),
    note: (lines) => void err.write(lines.map((line) => `${line}\n`).join('')),
    onInterrupt(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    interrupt: () => listeners.forEach((listener) => listener()),
  }
}
