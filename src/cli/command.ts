import type { Command as CommanderCommand } from 'commander'

import type { Config } from '#app/config.ts'
import type { Door } from '#cli/door/door.ts'
import type { Terminal } from '#cli/terminal.ts'
import type { Clock } from '#kernel/clock.ts'

/** Exit codes that scripts can rely on. */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  failed: 3,
  unreachable: 4,
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What a command works with. */
export interface CommandContext {
  readonly config: Config
  readonly terminal: Terminal
  readonly clock: Clock
  /** `--json`: results are one JSON value on the standard output, and nothing else is. */
  readonly json: boolean
  /** `--tenant`. */
  readonly tenant: string | null
  /**
   * Opens the way to the operations; closed after the command. `working`: it waits for tasks;
   * `deploys` false: where nothing is deployed yet, it stays so.
   */
  door(wishes?: { readonly working?: boolean; readonly deploys?: boolean }): Promise<Door>
}

/** One everyday command; its file is loaded only when it is called. */
export interface Command {
  /** Adds arguments, options and examples. */
  define(command: CommanderCommand): void
  run(
    context: CommandContext,
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<ExitCode>
}
