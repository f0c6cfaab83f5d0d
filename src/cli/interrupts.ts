import { exitCodes } from '#cli/command.ts'
import type { Terminal } from '#cli/terminal.ts'

export interface Interrupts {
  /** What the first Ctrl-C does from now on; before that it ends the process, as the second one does. */
  onFirst(listener: () => void): void
  stop(): void
}

export function onInterrupts(terminal: Terminal): Interrupts {
  let first: (() => void) | null = null
  const stop = terminal.onInterrupt(() => {
    const listener = first
    first = null
    if (listener) listener()
    else process.exit(exitCodes.interrupted)
  })
  return {
    onFirst: (listener) => (first = listener),
    stop,
  }
}
