import type { Readable, Writable } from 'node:stream'

import type { Look } from '#cli/render/look.ts'

/** The two streams of a command and what they can show; nothing in `cli/` touches `process.stdout`. */
export interface Terminal {
  /** Results. */
  readonly out: Writable
  /** Everything that is not a result: progress, warnings, errors. */
  readonly err: Writable
  readonly outIsTty: boolean
  readonly errIsTty: boolean
  outLook(): Look
  errLook(): Look
  /** Lines of the terminal behind `err`. */
  errHeight(): number
  print(lines: readonly string[]): void
  note(lines: readonly string[]): void
  /** Calls back on Ctrl-C (SIGINT) and SIGTERM instead of ending the process; returns the way to stop. */
  onInterrupt(listener: () => void): () => void
  readonly input: Readable
}

interface Wishes {
  readonly noColor: boolean
  readonly forceColor: boolean
}

const WIDTH_WITHOUT_TTY = 100

export function processTerminal({ noColor, forceColor }: Wishes): Terminal {
  const { stdout, stderr } = process
  const lookOf = (stream: NodeJS.WriteStream): Look => ({
    width: stream.isTTY ? Math.max(40, stream.columns) : WIDTH_WITHOUT_TTY,
    color: !noColor && (forceColor || stream.isTTY),
  })
  return {
    out: stdout,
    err: stderr,
    outIsTty: stdout.isTTY === true,
    errIsTty: stderr.isTTY === true,
    input: process.stdin,
    outLook: () => lookOf(stdout),
    errLook: () => lookOf(stderr),
    errHeight: () => (stderr.isTTY ? stderr.rows : 25),
    print: (lines) => void stdout.write(lines.map((line) => `${line}\n`).join('')),
    note: (lines) => void stderr.write(lines.map((line) => `${line}\n`).join('')),
    onInterrupt(listener) {
      process.on('SIGINT', listener)
      process.on('SIGTERM', listener)
      return () => {
        process.off('SIGINT', listener)
        process.off('SIGTERM', listener)
      }
    },
  }
}
