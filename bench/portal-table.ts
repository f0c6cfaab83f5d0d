import type { Page } from 'playwright-core'

import { formatBytes } from '#kernel/units.ts'
import { openPortal, type Portal } from '../test/support/portal.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import type { Figure } from './figure.ts'
import { median } from './measure.ts'

const ROWS = 100_000
const FRAME_MOST_MS = 16
const STEPS = 150
/** A notch of a wheel. */
const STEP_PIXELS = 120
/** Rows of the document; all others are only numbers. */
const DRAWN_MOST = 100

/** A table whose 100,000 rows have all been fetched is scrolled by the wheel, in a real Chromium. */
export const portalTable: Benchmark = {
  name: 'portal-table',
  title: 'a table of 100,000 rows in the portal',
  async run({ rounds, say }) {
    const opened = await openPortal({ args: `--demo-months 1 --demo-rows ${ROWS + 2_000}` })
    try {
      return await scrolled(opened, rounds, say)
    } finally {
      await opened.close()
    }
  },
}

interface Box {
  scrollTop: number
  readonly scrollHeight: number
}

async function scrolled(
  opened: Portal,
  rounds: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  const { page } = await opened.visit('/t/demo/explore?dataset=events')
  const table = page.getByRole('table').first()
  await table.getByRole('cell').first().waitFor()
  await page.getByRole('heading', { name: 'Rows' }).waitFor()
  const known = async () => Number(await table.getAttribute('aria-rowcount')) - 1
  while ((await known()) < ROWS) {
    const before = await known()
    await table.evaluate((element) => {
      const box = element as unknown as Box
      box.scrollTop = box.scrollHeight
    })
    await page.waitForFunction(
      (least) => {
        const { document } = globalThis as unknown as {
          document: { querySelector(path: string): { ariaRowCount: string } }
        }
        return Number(document.querySelector('[role=table]').ariaRowCount) > least
      },
      before + 1,
      { timeout: 30_000 },
    )
    if (((await known()) / 1000) % 20 < 1) say(`${await known()} rows fetched`)
  }
  await table.evaluate((element) => void ((element as unknown as Box).scrollTop = 0))
  const box = await table.boundingBox()
  if (!box) throw new Error('there is no table')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const each: number[] = []
  for (let round = 0; round < Math.max(rounds, 3); round++) {
    each.push(await workPerFrame(page, round % 2 === 0 ? STEP_PIXELS : -STEP_PIXELS))
    say(`${each.at(-1)?.toFixed(1)} ms of work a frame`)
  }
  const drawn = await table.getByRole('row').count()
  const ms = median(each)
  return [
    {
      work: '100,000 rows scrolled: work of the page a frame',
      millrace: `${ms.toFixed(1)} ms`,
      peer: '',
      ratio: '',
      hold: `<= ${FRAME_MOST_MS} ms`,
      held: ms <= FRAME_MOST_MS,
    },
    {
      work: `rows drawn of them; heap ${formatBytes(await heapOf(page))}`,
      millrace: String(drawn),
      peer: '',
      ratio: '',
      hold: `<= ${DRAWN_MOST}`,
      held: drawn <= DRAWN_MOST,
    },
  ]
}

/** Processor time of the page's own thread (script, style, layout), in milliseconds a frame. */
async function workPerFrame(page: Page, pixels: number): Promise<number> {
  const session = await page.context().newCDPSession(page)
  // Processor time: other processes of the machine do not count.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const spentMs = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0)
  }
  const before = await spentMs()
  for (let step = 0; step < STEPS; step++) {
    await page.mouse.wheel(0, pixels)
    await page.evaluate('new Promise(requestAnimationFrame)')
  }
  const spent = await spentMs()
  await session.detach()
  return (spent - before) / STEPS
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}

if (import.meta.main) await runAlone(portalTable)
