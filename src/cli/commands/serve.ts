import type { Config } from '#app/config.ts'
import { openParts, type OpenParts } from '#app/compose.ts'
import { startDemo } from '#app/demo.ts'
import { createKey, listKeys } from '#catalog/keys.ts'
import { listTenants } from '#catalog/tenants.ts'
import { createCommandLog } from '#cli/command-log.ts'
import type { Command, CommandContext } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { clearScratch, openLocalDoor, toOperationParts } from '#cli/door/local-door.ts'
import { writeLocalKey } from '#cli/door/local-key.ts'
import { followRun } from '#cli/follow-run.ts'
import { renderHealth } from '#cli/render/health-view.ts'
import { paint } from '#cli/render/look.ts'
import { renderSummary } from '#cli/render/summary-view.ts'
import { renderWelcome, type FirstKey } from '#cli/render/welcome-view.ts'
import { millraceVersion } from '#cli/version.ts'
import type { SampleSize } from '#definitions/samples.ts'
import { MillraceError } from '#kernel/errors.ts'
import { systemRandom } from '#kernel/random.ts'
import { healthCheck } from '#operations/health/check.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openCallers } from '#operations/open-callers.ts'
import { operations } from '#operations/registry.gen.ts'
import { createServer } from '#server/create-server.ts'
import { listen, stopListening } from '#server/listen.ts'

const REQUESTS_GRACE_MS = 10_000
const WORK_GRACE_MS = 15_000

export const serveCommand: Command = {
  define(command) {
    command
      .option('--port <port>', 'port to listen on; 0 takes any free one')
      .option('--host <address>', 'address to listen on')
      .option('--demo', 'load generated sample data into the tenant "demo" where it has none')
      .option('--demo-rows <n>', 'rows of sample data, all months together', '24000')
      .option('--demo-months <n>', 'months of sample data', '6')
  },
  async run(context, _args, options) {
    const { terminal, clock } = context
    const config = configOf(context.config, options)
    const log = createCommandLog(
      config.logLevel ?? (terminal.errIsTty ? 'warn' : 'info'),
      terminal.err,
      clock,
    )
    const stop = new AbortController()
    const stopped = new Promise<void>((resolve) => {
      stop.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    const unlisten = terminal.onInterrupt(() => {
      if (stop.signal.aborted) process.exit(exitCodes.interrupted)
      stop.abort(new MillraceError('server-stopping'))
    })
    const startedMs = clock.monotonicMs()
    const open = await openParts(config, { clock, random: systemRandom, log, working: true })
    try {
      await clearScratch(open)
      const parts = await toOperationParts(open)
      const keys = await firstKeys(open)
      const app = createServer({
        parts,
        operations,
        callers: openCallers(parts),
        localKey: await writeLocalKey(config.home, systemRandom),
        version: millraceVersion(),
        stopping: stop.signal,
        ready: async () => void (await open.catalog.stats()),
      })
      const address = await listen(app, config.host, config.port)
      try {
        await open.lock?.update({ address })
        open.startWorking()
        if (options['demo']) await runDemo(open, context, sampleSizeOf(options), stop.signal)
        if (!stop.signal.aborted)
          await sayReady(context, open, {
            config,
            address,
            keys,
            startedMs,
            demo: options['demo'] === true,
          })
        await stopped
        terminal.note([
          '',
          'stopping: requests and tasks at work may end (Ctrl-C again leaves at once)',
        ])
      } finally {
        await open.lock?.update({ address: null })
        await stopListening(app, clock, REQUESTS_GRACE_MS)
      }
      return exitCodes.done
    } finally {
      await open.close(WORK_GRACE_MS)
      unlisten()
    }
  },
}

interface Started {
  readonly config: Config
  readonly address: string
  readonly keys: readonly FirstKey[]
  readonly startedMs: number
  readonly demo: boolean
}

/** What is healthy, what to open, and the keys that nobody will see again. */
async function sayReady(context: CommandContext, open: OpenParts, started: Started): Promise<void> {
  const { terminal, clock, json } = context
  const { config, address, keys, startedMs, demo } = started
  const door = await openLocalDoor(open, 'default')
  const health = await door.invoke(healthCheck, {})
  const readyMs = clock.monotonicMs() - startedMs
  if (json) return terminal.print([JSON.stringify({ address, keys, health, readyMs })])
  const look = terminal.outLook()
  terminal.print([
    '',
    paint(look, 'strong', 'Health'),
    ...renderHealth(look, health),
    '',
    ...renderWelcome(look, {
      address: config.publicUrl ?? address,
      keys,
      home: config.home,
      version: millraceVersion(),
      readyMs,
      demo,
    }),
  ])
}

function configOf(config: Config, options: Readonly<Record<string, unknown>>): Config {
  const { port, host } = options as { port?: string; host?: string }
  const number = port === undefined ? config.port : Number(port)
  if (!Number.isInteger(number) || number < 0 || number > 65_535) {
    const message = `"${port}" is not a port: a whole number from 0 to 65535`
    throw new MillraceError('usage-invalid', { message, command: 'serve' })
  }
  return { ...config, port: number, host: host ?? config.host }
}

/** A key for every tenant that never had one: shown now, and never again. */
async function firstKeys(open: OpenParts): Promise<FirstKey[]> {
  const made: FirstKey[] = []
  for (const tenant of await listTenants(open.catalog)) {
    const minted = mintKey(open.ids, open.random)
    const isFirst = await open.catalog.asTenant(tenant, async (session) => {
      if ((await listKeys(session)).length > 0) return false
      const { id, hash } = minted
      await createKey(session, { id, hash, name: 'first key', permissions: ['read', 'run'] })
      return true
    })
    if (isFirst) made.push({ tenant: tenant.slug, key: minted.key })
  }
  return made
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
