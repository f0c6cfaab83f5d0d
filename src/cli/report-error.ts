import { toErrorData, toMillraceError, type MillraceError } from '#kernel/errors.ts'
import { exitCodes, type ExitCode } from '#cli/command.ts'
import { renderError } from '#cli/render/error-view.ts'
import type { Terminal } from '#cli/terminal.ts'

/** Says what is wrong, why, and the way out: as text on the error stream, or as JSON on the output. */
export function reportError(thrown: unknown, terminal: Terminal, json: boolean): ExitCode {
  const error = toMillraceError(thrown)
  const data = toErrorData(error)
  if (json) terminal.print([JSON.stringify({ error: data })])
  else terminal.note(renderError(terminal.errLook(), data))
  if (!json && error.code === 'internal' && error.cause instanceof Error) {
    terminal.note([error.cause.stack ?? ''])
  }
  return exitCodeOf(error)
}

const unreachable: readonly string[] = [
  'server-unreachable',
  'server-stopping',
  'answer-unreadable',
  'catalog-unreachable',
  'home-locked',
  'port-busy',
  'listen-denied',
]

function exitCodeOf(error: MillraceError): ExitCode {
  if (unreachable.includes(error.code)) return exitCodes.unreachable
  switch (error.entry.kind) {
    case 'user':
      return exitCodes.usage
    case 'operational':
    case 'definition':
      return exitCodes.failed
    case 'bug':
      return exitCodes.bug
  }
}
