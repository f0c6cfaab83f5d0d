import type { OpenParts } from '#app/compose.ts'
import { startDemo } from '#app/demo.ts'
import type { Command, CommandContext } from '#cli/command.ts'
import { openLocalDoor } from '#cli/door/local-door.ts'
import { followRun } from '#cli/follow-run.ts'
import { renderSummary } from '#cli/render/summary-view.ts'
import { serveProcess } from '#cli/serving/serve-process.ts'
import { serveConfig } from '#cli/serving/serve-config.ts'
import type { SampleSize } from '#definitions/samples.ts'
import { MillraceError } from '#kernel/errors.ts'

const DEFAULT_PORT = 7420

export const serveCommand: Command = {
  define(command) {
    command
      .option('--port <port>', 'port to listen on; 0 takes any free one')
      .option('--host <address>', 'address to listen on')
      .option('--parts <names>', 'what this process does: api, scheduler, worker, notifier')
      .option('--slots <n>', 'tasks that run at the same time')
      .option('--tags <tags>', 'what this machine offers to tasks that ask for it: gpu,big')
      .option('--demo', 'load generated sample data into the tenant "demo" where it has none')
      .option('--demo-rows <n>', 'rows of sample data, all months together', '24000')
      .option('--demo-months <n>', 'months of sample data', '6')
  },
  async run(context, _args, options) {
    const config = serveConfig(context.config, options, 'serve')
    const demo = options['demo'] === true
    const size = sampleSizeOf(options)
    return serveProcess(context, config, {
      port: config.port ?? DEFAULT_PORT,
      demo,
      ...(demo && { before: (open, stop) => runDemo(open, context, size, stop) }),
    })
  },
}

/** Sample data into the tenant `demo`, and the run over it, shown like any other run. */
async function runDemo(
  open: OpenParts,
  context: CommandContext,
  size: SampleSize,
  stop: AbortSignal,
): Promise<void> {
  const { terminal, clock, json } = context
  const startedMs = clock.monotonicMs()
  const note = (line: string) => terminal.note([`  ${line}`])
  const demo = await startDemo(open, size, note)
  if (!demo) return
  const door = await openLocalDoor(open, demo.tenant.slug)
  const ended = new AbortController()
  const { view } = await followRun(context, door, demo.run.id, {
    onFirst: (listener) => stop.addEventListener('abort', listener, { signal: ended.signal }),
  })
  ended.abort()
  if (!json) {
    terminal.print(renderSummary(terminal.outLook(), view, clock.monotonicMs() - startedMs))
  }
}

const DEMO_SEED = 2021

function sampleSizeOf(options: Readonly<Record<string, unknown>>): SampleSize {
  const whole = (name: string, written: unknown, most: number) => {
    const number = Number(written)
    if (Number.isInteger(number) && number >= 1 && number <= most) return number
    const message = `--${name} takes a whole number from 1 to ${most}, not "${String(written)}"`
    throw new MillraceError('usage-invalid', { message, command: 'serve' })
  }
  return {
    months: whole('demo-months', options['demoMonths'], 120),
    rows: whole('demo-rows', options['demoRows'], 100_000_000),
    seed: DEMO_SEED,
  }
}
