import { join } from 'node:path'
import type { Page } from 'playwright-core'

import { createKey } from '#catalog/keys.ts'
import { createTenant } from '#catalog/tenants.ts'
import { toOperationParts } from '#cli/door/local-door.ts'
import { createFactory } from '#factory/create-factory.ts'
import { viewMatrix } from '#factory/matrix/matrix-view.ts'
import { sha256 } from '#kernel/hash.ts'
import { formatCount, formatDuration } from '#kernel/units.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openCallers } from '#operations/open-callers.ts'
import { operations } from '#operations/registry.gen.ts'
import { createServer } from '#server/create-server.ts'
import { openMillraceIn } from '../test/support/open-parts.ts'
import { findChromium, launchChromium } from '../test/support/portal.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import { skipped, type Figure } from './figure.ts'
import { buildGrid, type Grid } from './grid.ts'
import { median, timed } from './measure.ts'
import { partsOver, publishAll } from './plan.ts'
import { inEmptyFolder } from './sample-files.ts'

const INTERACTIVE_MOST_MS = 1_000
const FRAME_MOST_MS = 16
const SNAPSHOT_MOST_MS = 1_000
const ANSWER_MOST_MS = 100
const FRAMES = 120

/**
 * A tenant with 100,032 partitions of five datasets, one in nine out of date: the first count of them
 * all, what an answer costs after that, and in a real Chromium the time until the picture is there and
 * follows the wheel, and the script of a frame while it is panned.
 */
export const portalMatrix: Benchmark = {
  name: 'portal-matrix',
  title: 'the partition matrix of 100,000 squares',
  run: (options) => inEmptyFolder((folder) => measure(join(folder, 'home'), options)),
}

type Options = Parameters<Benchmark['run']>[0]

async function measure(home: string, { rounds, say }: Options): Promise<Figure[]> {
  const grid = untidy(buildGrid())
  const millrace = await openMillraceIn(home, { working: false })
  const open = millrace.parts
  const { catalog } = open
  try {
    const tenant = await createTenant(catalog, 'bench')
    say(`publishing ${formatCount(grid.partitions)} partitions`)
    await publishAll(catalog, tenant, grid)
    await catalog.maintain()
    const parts = partsOver(catalog, grid)
    const factory = createFactory(parts, async () => {})
    const figures = await onServer(
      () => createFactory(parts, async () => {}),
      factory,
      tenant,
      rounds,
      say,
    )
    if (findChromium() === null) {
      const hold = `<= ${formatDuration(INTERACTIVE_MOST_MS)}`
      return [...figures, skipped('matrix in a browser', 'Chromium is not installed', hold)]
    }
    const operationParts = { ...(await toOperationParts(open)), factory }
    const never = new AbortController().signal
    const server = createServer({
      parts: operationParts,
      operations,
      callers: openCallers(operationParts),
      localKey: 'ml_local',
      operatorKey: 'operators-of-this-benchmark-only-000',
      version: '0.0.0-bench',
      draining: never,
      stopping: never,
      ready: async () => {},
    })
    try {
      const url = await server.listen({ host: '127.0.0.1', port: 0 })
      const { id, key, hash } = mintKey(open.ids, open.random)
      await catalog.asTenant(tenant, (session) =>
        createKey(session, { id, hash, name: 'bench', permissions: ['read', 'run'] }),
      )
      return [...figures, ...(await inBrowser(`${url}/t/bench/matrix#key=${key}`, rounds, say))]
    } finally {
      await server.close()
    }
  } finally {
    await millrace.close()
  }
}

/** One partition in nine was computed from something else: no row is one long run. */
function untidy(grid: Grid): Grid {
  return {
    ...grid,
    versionOf(dataset, partition) {
      const version = grid.versionOf(dataset, partition)
      const isOld = Number.parseInt(sha256(`${dataset} ${partition}`).slice(0, 6), 16) % 9 === 0
      return isOld ? { ...version, fingerprint: sha256('former') } : version
    },
  }
}

async function onServer(
  another: () => ReturnType<typeof createFactory>,
  factory: ReturnType<typeof createFactory>,
  tenant: Tenant,
  rounds: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  const first: number[] = []
  const next: number[] = []
  const window = { columns: 400, firstRow: 0, rowsMax: 200, search: '', datasets: [], expand: [] }
  for (let round = 0; round < rounds; round++) {
    const cold = another()
    first.push(await timed(() => cold.matrix(tenant, { exact: true })))
    say(`counted in ${formatDuration(first.at(-1) ?? 0)}`)
  }
  await factory.matrix(tenant)
  for (let round = 0; round < 10 * rounds; round++) {
    const from = new Date(Date.UTC(2021, round % 24, 1))
    const to = new Date(Date.UTC(2021, (round % 24) + 1 + (round % 5), 1))
    next.push(
      await timed(async () =>
        viewMatrix(await factory.matrix(tenant), { ...window, having: [], from, to }),
      ),
    )
  }
  return [
    figureOf('100,032 squares counted for the first time', median(first), SNAPSHOT_MOST_MS),
    figureOf('a window of them, while nothing changes', median(next), ANSWER_MOST_MS),
  ]
}

async function inBrowser(
  url: string,
  rounds: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  const browser = await launchChromium()
  const shown: number[] = []
  const scripts: number[] = []
  const slowest: number[] = []
  try {
    for (let round = 0; round < Math.max(rounds, 3); round++) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
      const page = await context.newPage()
      await page.addInitScript(watchFrames)
      const begin = performance.now()
      await page.goto(url, { waitUntil: 'commit' })
      await page.getByRole('application').waitFor()
      await wheel(page, 0, -200)
      await page.waitForFunction(() => (globalThis as unknown as Watched).frames.length > 0)
      shown.push(performance.now() - begin)
      // Nearer, until the squares themselves are seen.
      for (let step = 0; step < 8; step++) await wheel(page, 0, -300)
      await page.waitForTimeout(600)
      const pan = await panned(page)
      scripts.push(pan.eachMs)
      slowest.push(pan.slowestMs)
      say(
        `there after ${formatDuration(shown.at(-1) ?? 0)}; ${pan.eachMs.toFixed(1)} ms of script a frame, the slowest paint ${pan.slowestMs.toFixed(1)} ms`,
      )
      await context.close()
    }
  } finally {
    await browser.close()
  }
  return [
    figureOf(
      'matrix in a browser: there, and follows the wheel',
      median(shown),
      INTERACTIVE_MOST_MS,
    ),
    figureOf('script of a frame while panning', median(scripts), FRAME_MOST_MS),
    figureOf('the slowest of its frames', median(slowest), FRAME_MOST_MS),
  ]
}

/** What the script below leaves in the page; a browser's own are not among Node's types. */
interface Watched {
  frames: number[]
  requestAnimationFrame: (callback: (time: number) => void) => number
}

/** How long each callback of a frame took. */
function watchFrames(): void {
  const watched = globalThis as unknown as Watched
  const next = watched.requestAnimationFrame.bind(globalThis)
  watched.frames = []
  watched.requestAnimationFrame = (callback) =>
    next((time) => {
      const began = performance.now()
      callback(time)
      watched.frames.push(performance.now() - began)
    })
}

/** A wheel's step in the middle of the picture. */
async function wheel(page: Page, x: number, y: number): Promise<void> {
  const box = await page.getByRole('application').boundingBox()
  if (!box) throw new Error('there is no matrix')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.wheel(x, y)
}

async function panned(page: Page): Promise<{ eachMs: number; slowestMs: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const scriptMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1_000 * (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0)
  }
  await page.evaluate(() => ((globalThis as unknown as Watched).frames = []))
  const before = await scriptMs()
  for (let step = 0; step < FRAMES; step++) await page.mouse.wheel(step < FRAMES / 2 ? 12 : -12, 0)
  const spent = (await scriptMs()) - before
  const frames = await page.evaluate(() => (globalThis as unknown as Watched).frames)
  return { eachMs: spent / Math.max(1, frames.length), slowestMs: Math.max(...frames) }
}

function figureOf(work: string, ms: number, mostMs: number): Figure {
  return {
    work,
    millrace: ms < 100 ? `${ms.toFixed(1)} ms` : formatDuration(ms),
    peer: '',
    ratio: '',
    hold: `<= ${formatDuration(mostMs)}`,
    held: ms <= mostMs,
  }
}

if (import.meta.main) await runAlone(portalMatrix)
