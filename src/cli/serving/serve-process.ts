import type { FastifyInstance } from 'fastify'

import { FIRST_TENANTS, openParts, type OpenParts } from '#app/compose.ts'
import type { Config } from '#app/config.ts'
import { readOperatorKey } from '#app/operator-key.ts'
import { createCommandLog } from '#cli/command-log.ts'
import { exitCodes, type CommandContext, type ExitCode } from '#cli/command.ts'
import { clearScratch, toOperationParts } from '#cli/door/local-door.ts'
import { writeLocalKey } from '#cli/door/local-key.ts'
import { firstKeys } from '#cli/serving/first-keys.ts'
import { firstSetupLink } from '#cli/serving/first-setup-link.ts'
import { sayReady } from '#cli/serving/say-ready.ts'
import { millraceVersion } from '#kernel/version.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { systemRandom } from '#kernel/random.ts'
import { openCallers } from '#operations/open-callers.ts'
import { operations } from '#operations/registry.gen.ts'
import { createHealthServer } from '#server/create-health-server.ts'
import { createServer } from '#server/create-server.ts'
import { listen, stopListening } from '#server/listen.ts'

export interface ServeWishes {
  readonly port: number
  /** Work of this start's own, before it says that it is ready. */
  before?(open: OpenParts, stop: AbortSignal): Promise<void>
  readonly demo: boolean
}

/** Somebody who looked at `/readyz` within this time will look again. */
const PROBED_MS = 30_000
/** Of the time to stop: for the children that are killed, and for closing. */
const RESERVE_MS = 3_000

/**
 * The parts of the settings as one process, until it is asked to stop:
 *
 *   first signal → `/readyz` says 503, nothing more is claimed
 *                → balancers have turned away, what runs has ended or is given back
 *                → waiting requests return, connections end, everything closes: exit code 0
 *   second signal → ends at once
 */
export async function serveProcess(
  context: CommandContext,
  config: Config,
  wishes: ServeWishes,
): Promise<ExitCode> {
  const { terminal, clock } = context
  refuseAlone(config)
  const operatorKey = await readOperatorKey(config.operatorKeyFile)
  const least = config.logLevel ?? (terminal.errIsTty ? 'warn' : 'info')
  const log = createCommandLog(least, terminal.err, clock)
  const draining = new AbortController()
  const asked = Promise.withResolvers<void>()
  const unlisten = terminal.onInterrupt(() => {
    if (draining.signal.aborted) process.exit(exitCodes.interrupted)
    draining.abort(new MillraceError('server-stopping'))
    asked.resolve()
  })
  const startedMs = clock.monotonicMs()
  const working = config.parts.includes('worker')
  const open = await openParts(config, { clock, random: systemRandom, log, working })
  let graceMs = config.stopGraceMs
  try {
    await clearScratch(open)
    const isApi = config.parts.includes('api')
    const keys = isApi ? await firstKeys(open, FIRST_TENANTS) : []
    const door = await openHttp(open, { draining: draining.signal, operatorKey, isApi })
    const address = await listen(door.app, config.host, wishes.port)
    const stopHttp = (ms: number) => stopServing(door, clock, config.stopDrainMs, ms)
    try {
      await open.lock?.update({ address })
      open.startWorking(config.parts)
      await wishes.before?.(open, draining.signal)
      const setupLink = isApi ? await firstSetupLink(open, address) : null
      const started = { config, address, keys, setupLink, startedMs, demo: wishes.demo }
      if (!draining.signal.aborted) await sayReady(context, open, started)
      await asked.promise
      const askedMs = clock.monotonicMs()
      terminal.note(['', STOPPING])
      log.info('stopping', { graceMs })
      const workMs = Math.max(0, graceMs - RESERVE_MS)
      await Promise.all([open.stopWorking(workMs), stopHttp(workMs)])
      graceMs -= clock.monotonicMs() - askedMs
    } finally {
      await open.lock?.update({ address: null })
      await stopHttp(0)
    }
    return exitCodes.done
  } finally {
    await open.close()
    unlisten()
  }
}

const STOPPING = 'stopping: requests and tasks at work may end (Ctrl-C again leaves at once)'

/** A process that does not do everything needs others, and those need a catalog that they share. */
function refuseAlone({ databaseUrl, parts }: Config): void {
  if (databaseUrl !== null || ['api', 'worker'].every((name) => parts.some((p) => p === name))) {
    return
  }
  throw new MillraceError('parts-need-shared', { parts: parts.join(',') })
}

interface HttpDoor {
  readonly app: FastifyInstance
  readonly stopping: AbortController
  isProbed(): boolean
}

async function openHttp(
  open: OpenParts,
  wishes: {
    readonly draining: AbortSignal
    readonly operatorKey: string | null
    readonly isApi: boolean
  },
): Promise<HttpDoor> {
  const { catalog, clock, config, metrics } = open
  const { draining, operatorKey } = wishes
  const stopping = new AbortController()
  let probedMs = Number.NEGATIVE_INFINITY
  const health = {
    draining,
    stopping: stopping.signal,
    metrics,
    ready: () => catalog.asSystem(async (session) => void (await session.query('SELECT 1'))),
    onProbe: () => void (probedMs = clock.monotonicMs()),
  }
  metrics.gauge('millrace_process_memory_bytes', 'Memory of this process alone.', () => [
    { value: process.memoryUsage.rss() },
  ])
  metrics.gauge('millrace_info', 'Version and parts of this process.', () => [
    { labels: { version: millraceVersion(), parts: config.parts.join(',') }, value: 1 },
  ])
  const isProbed = () => clock.monotonicMs() - probedMs < PROBED_MS
  if (!wishes.isApi) return { app: createHealthServer(health), stopping, isProbed }
  const parts = await toOperationParts(open)
  const app = createServer({
    ...health,
    parts,
    operations,
    callers: openCallers(parts),
    // A shared deployment has many servers, and its operators have other ways in.
    localKey: open.lock ? await writeLocalKey(config.home, systemRandom) : null,
    operatorKey,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    version: millraceVersion(),
  })
  return { app, stopping, isProbed }
}

/** Answers on while balancers find out, where there are any; then lets requests end. */
async function stopServing(
  { app, stopping, isProbed }: HttpDoor,
  clock: Clock,
  drainMs: number,
  graceMs: number,
): Promise<void> {
  if (stopping.signal.aborted) return
  const waitMs = isProbed() ? Math.min(drainMs, graceMs / 2) : 0
  await clock.sleep(waitMs)
  stopping.abort(new MillraceError('server-stopping'))
  await stopListening(app, clock, graceMs - waitMs)
}
