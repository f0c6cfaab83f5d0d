import { Command as Commander, CommanderError } from 'commander'

import type { Config } from '#app/config.ts'
import { commandTable, everydayWithVerbs, type CommandEntry } from '#cli/command-table.ts'
import { exitCodes, type Command, type CommandContext, type ExitCode } from '#cli/command.ts'
import type { Door } from '#cli/door/door.ts'
import { reportError } from '#cli/report-error.ts'
import type { Terminal } from '#cli/terminal.ts'
import { millraceVersion } from '#kernel/version.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'

export interface Surroundings {
  readonly config: Config
  readonly terminal: Terminal
  readonly clock: Clock
}

/** Runs one command and says how it ended. Only the file of the command that is called is loaded. */
export async function runCommandLine(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { terminal } = surroundings
  let exitCode: ExitCode = exitCodes.done
  const program = frame(terminal)
  const called = args.find((arg) => !arg.startsWith('-'))
  const helped = called === 'help' ? args[args.indexOf('help') + 1] : called
  for (const entry of commandTable) {
    const command = program.command(entry.name).summary(entry.summary).description(entry.summary)
    command.helpGroup(groupTitles[entry.group])
    if (entry.name !== helped) continue
    await attach(command, entry, surroundings, (code) => (exitCode = code))
  }
  if (needsResources(helped)) {
    const { addResources } = await import('#cli/resource-commands.ts')
    addResources(program, helped, (command, run) =>
      bind(command, run, surroundings, (code) => (exitCode = code)),
    )
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      return reportError(error, terminal, args.includes('--json'))
    }
    if (error.exitCode === 0) return exitCodes.done
    if (error.code === 'commander.help') return exitCodes.usage
    const message = error.message.replace(/^error: /, '').replace(/\.$/, '')
    const usage = new MillraceError('usage-invalid', { message, command: helped ?? '' })
    return reportError(usage, terminal, args.includes('--json'))
  }
}

const groupTitles = { 'every day': 'Every day:', 'this machine': 'This machine:' }

/** Resources are loaded for themselves and for the overview, not for the everyday commands. */
function needsResources(called: string | undefined): boolean {
  return (
    called === undefined ||
    everydayWithVerbs.has(called) ||
    !commandTable.some(({ name }) => name === called)
  )
}

function frame(terminal: Terminal): Commander {
  const look = terminal.outLook()
  return new Commander('millrace')
    .description('Analytics factory: files in, analyses out, per month and per customer.')
    .version(millraceVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'explain a command')
    .configureHelp({ helpWidth: Math.min(look.width, 110), showGlobalOptions: false })
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.err.write(text),
      outputError: () => {},
      getOutHelpWidth: () => Math.min(look.width, 110),
      getErrHelpWidth: () => Math.min(look.width, 110),
    })
    .exitOverride()
    .enablePositionalOptions()
    .addHelpText('after', EXAMPLES)
}

const EXAMPLES = `
Start with:
  $ millrace serve --demo
  $ millrace run events --month 2021-04 --location 's3://bucket/{yyyy}/{MM}/events.csv'
  $ millrace show top_companies --month 2021-04

Exit codes: 0 done, 1 a bug of ours, 2 usage, 3 something failed or is held,
4 unreachable or locked, 130 interrupted.`

async function attach(
  command: Commander,
  entry: CommandEntry,
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): Promise<void> {
  const loaded = await entry.load()
  loaded.define(command)
  bind(command, (...all) => loaded.run(...all), surroundings, ended)
}

function bind(
  command: Commander,
  run: Command['run'],
  surroundings: Surroundings,
  ended: (code: ExitCode) => void,
): void {
  command
    .option('--tenant <name>', 'tenant to work for (default: MILLRACE_TENANT, else "default")')
    .option('--json', 'print the result as JSON')
    .allowExcessArguments(false)
    .action(async () => {
      // These two may stand before a verb, too.
      const { json, tenant } = command.optsWithGlobals<{ json?: boolean; tenant?: string }>()
      const options = { ...command.opts(), ...(json && { json }), ...(tenant && { tenant }) }
      ended(
        await withContext(surroundings, options, (context) => run(context, command.args, options)),
      )
    })
}

async function withContext(
  { config, terminal, clock }: Surroundings,
  options: { readonly json?: boolean; readonly tenant?: string },
  work: (context: CommandContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const doors: Door[] = []
  const tenant = options.tenant ?? null
  try {
    return await work({
      config,
      terminal,
      clock,
      tenant,
      json: options.json ?? false,
      async door(wishes = {}) {
        const [{ openDoor }, { createCommandLog }] = await Promise.all([
          import('#cli/door/open-door.ts'),
          import('#cli/command-log.ts'),
        ])
        const log = createCommandLog(config.logLevel ?? 'silent', terminal.err, clock)
        const { working = false, deploys = true } = wishes
        const door = await openDoor(config, { tenant, working, deploys, log })
        doors.push(door)
        return door
      },
    })
  } finally {
    for (const door of doors) await door.close()
  }
}
