import { configFromEnvironment, parseConfig } from '#app/config.ts'
import { runCommandLine } from '#cli/command-line.ts'
import { exitCodes, type ExitCode } from '#cli/command.ts'
import { reportError } from '#cli/report-error.ts'
import { processTerminal } from '#cli/terminal.ts'
import { systemClock } from '#kernel/clock.ts'

/** A command line over the real environment and streams. */
export async function runProcess(args: readonly string[]): Promise<ExitCode> {
  try {
    const config = configFromEnvironment()
    return await runCommandLine(args, {
      config,
      terminal: processTerminal(config),
      clock: systemClock,
    })
  } catch (error) {
    reportError(error, processTerminal(parseConfig({})), args.includes('--json'))
    return exitCodes.usage
  }
}
