import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { lakeAccess, lakePlace } from '#app/lake-settings.ts'
import type { Config } from '#app/config.ts'
import { openCatalog } from '#catalog/open.ts'
import { runChaos, type ChaosResult } from '#chaos/chaos.ts'
import { cutConnections } from '#chaos/database-faults.ts'
import { isSound, reportLines } from '#chaos/report.ts'
import { openS3Proxy } from '#chaos/s3-proxy.ts'
import { assertScratch } from '#chaos/scratch.ts'
import { exitCodes, type Command, type CommandContext } from '#cli/command.ts'
import { parseDuration } from '#kernel/duration.ts'
import { MillraceError } from '#kernel/errors.ts'
import { silentLogger } from '#kernel/logger.ts'
import { seededRandom, systemRandom } from '#kernel/random.ts'
import { openLake } from '#lake/open-lake.ts'

const MANY = 1_000_000
const QUIET_PERCENT = 1
const BURST_PERCENT = 30
const BURST_MS = 3_000

export const chaosCommand: Command = {
  define(command) {
    command
      .option('--minutes <n>', 'longest time of attacks', '5')
      .option('--seed <n>', 'which processes are hit in which order', '1')
      .option('--kills <n>', 'stop after so many kill -9')
      .option('--stalls <n>', 'and so many stalls past the lease')
      .option('--workers <n>', 'worker processes', '3')
      .option('--lease <time>', 'how long a silent worker keeps its tasks', '2s')
      .option('--keep', 'keep homes, logs and the log of promises')
      .option('--force', 'even if others use this deployment')
  },
  async run(context, _args, options) {
    const { config, terminal, json } = context
    const databaseUrl = assertShared(config)
    const wishes = wishesOf(options)
    const folder = await mkdtemp(join(tmpdir(), 'millrace-chaos-'))
    const report = (line: string) => terminal.note([`  ${line}`])
    const result = await hit(context, { databaseUrl, folder, report, ...wishes })
    const sound = isSound(result)
    if (json)
      terminal.print([JSON.stringify({ ...result, coverage: [...result.coverage] }, null, 2)])
    else terminal.print(reportLines(result))
    if (sound && options['keep'] !== true) await rm(folder, { recursive: true, force: true })
    else terminal.note([`  homes, logs and promises are kept in ${folder}`])
    return sound ? exitCodes.done : exitCodes.failed
  },
}

interface Wishes {
  readonly minutes: number
  readonly seed: number
  readonly kills: number
  readonly stalls: number
  readonly workers: number
  readonly leaseMs: number
  readonly force: boolean
}

function wishesOf(given: Readonly<Record<string, unknown>>): Wishes {
  const options = given as Readonly<Record<string, string | boolean | undefined>>
  const refuse = (message: string): never => {
    throw new MillraceError('usage-invalid', { message, command: 'chaos' })
  }
  const whole = (name: string, fallback: number, least: number, most: number) => {
    const written = options[name] ?? fallback
    const value = Number(written)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    return refuse(
      `--${name} takes a whole number from ${least} to ${most}, not "${String(written)}"`,
    )
  }
  const lease = String(options['lease'] ?? '2s')
  const leaseMs = parseDuration(lease)
  return {
    minutes: whole('minutes', 5, 1, 10_000),
    seed: whole('seed', 1, 0, 2 ** 31),
    kills: whole('kills', MANY, 0, MANY),
    stalls: whole('stalls', MANY / 5, 0, MANY),
    workers: whole('workers', 3, 1, 64),
    leaseMs:
      leaseMs !== null && leaseMs >= 2_000 ? leaseMs : refuse(`--lease ${lease}: at least 2s`),
    force: options['force'] === true,
  }
}

/** Several processes need a catalog and a lake that they share. */
function assertShared({ databaseUrl, lake }: Config): string {
  if (databaseUrl === null)
    throw new MillraceError('chaos-needs-shared', { missing: 'DATABASE_URL' })
  if (lake === null) throw new MillraceError('chaos-needs-shared', { missing: 'MILLRACE_LAKE' })
  return databaseUrl
}

async function hit(
  { config, clock }: CommandContext,
  given: Wishes & {
    readonly databaseUrl: string
    readonly folder: string
    readonly report: (line: string) => void
  },
): Promise<ChaosResult> {
  const { databaseUrl, folder, seed, kills, stalls } = given
  const surroundings = { clock, random: systemRandom, log: silentLogger }
  const catalog = await openCatalog({ url: databaseUrl }, surroundings)
  const s3 = lakeAccess(config)
  const proxy = s3.endpoint
    ? await openS3Proxy(s3.endpoint, { clock, random: seededRandom(seed) })
    : null
  const lake = await openLake({
    place: lakePlace(config),
    localFolder: join(folder, 'checker'),
    cacheMaxBytes: config.lakeCacheBytes,
    s3,
    ...surroundings,
  })
  try {
    if (!given.force) await assertScratch(catalog)
    proxy?.setRate(QUIET_PERCENT)
    return await runChaos(
      { catalog, lake },
      {
        ...given,
        quota: { kills, stalls },
        // What this process was given they have, too.
        environment: { MILLRACE_LOG: 'warn', ...(proxy && { MILLRACE_S3_ENDPOINT: proxy.url }) },
        program: [process.execPath, process.argv[1] ?? ''],
        others: {
          'cut connections': () => cutConnections(databaseUrl),
          ...(proxy && {
            'S3 stutters': async () => {
              proxy.setRate(BURST_PERCENT)
              await clock.sleep(BURST_MS)
              proxy.setRate(QUIET_PERCENT)
            },
          }),
        },
        clock,
      },
    )
  } finally {
    await catalog.close().catch(() => {})
    await lake.close()
    await proxy?.close()
  }
}
