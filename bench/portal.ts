import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'

import { formatBytes, formatDuration } from '#kernel/units.ts'
import { openPortal, type Portal } from '../test/support/portal.ts'
import { runAlone, type Benchmark } from './benchmark.ts'
import type { Figure } from './figure.ts'
import { median } from './measure.ts'

const SHELL_MOST_BYTES = 220_000
const FIRST_VIEW_MOST_MS = 1_000
/** Beyond this the heap has grown with the number of navigations. */
const HEAP_MOST_RATIO = 1.15
const NAVIGATIONS = 100

const root = dirname(import.meta.dirname)

/** The portal's budgets in a real Chromium before a real server, on the loopback interface. */
export const portal: Benchmark = {
  name: 'portal',
  title: 'the portal: size, first view, memory',
  async run({ rounds, say }) {
    const opened = await openPortal()
    try {
      return [
        shell(await shellFiles(opened)),
        await firstView(opened, rounds, say),
        await memory(opened, say),
      ]
    } finally {
      await opened.close()
    }
  },
}

/** Scripts and styles that a browser fetches before anything of a screen. */
async function shellFiles({ url }: Portal): Promise<string[]> {
  const html = await (await fetch(`${url}/`)).text()
  const files = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css))"/g)].map(
    ([, path = '']) => path,
  )
  return ['index.html', ...files]
}

function shell(files: readonly string[]): Figure {
  const folder = join(root, 'build', 'portal')
  const bytes = files.reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length,
    0,
  )
  const chunks = globSync('assets/*.js', { cwd: folder }).length
  return {
    work: `shell, gzipped: ${files.length} files of ${chunks} scripts`,
    millrace: formatBytes(bytes),
    peer: '',
    ratio: '',
    hold: `<= ${formatBytes(SHELL_MOST_BYTES)}`,
    held: bytes <= SHELL_MOST_BYTES,
  }
}

async function firstView(
  opened: Portal,
  rounds: number,
  say: (line: string) => void,
): Promise<Figure> {
  const times: number[] = []
  for (let round = 0; round < Math.max(rounds, 3); round++) {
    // A browser that has never been here: nothing is cached.
    const { page, context } = await opened.visit('/livez')
    const begin = performance.now()
    await page.goto(`${opened.url}/t/demo/runs`, { waitUntil: 'commit' })
    await page.getByRole('cell').first().waitFor()
    times.push(performance.now() - begin)
    say(`first view ${round + 1}: ${formatDuration(times.at(-1) ?? 0)}`)
    await context.close()
  }
  const tookMs = median(times)
  return {
    work: 'first view with data, nothing cached',
    millrace: formatDuration(tookMs),
    peer: '',
    ratio: '',
    hold: `<= ${formatDuration(FIRST_VIEW_MOST_MS)}`,
    held: tookMs <= FIRST_VIEW_MOST_MS,
  }
}

/** The heap after two hundred navigations beside that after one hundred: caches are full by then. */
async function memory(opened: Portal, say: (line: string) => void): Promise<Figure> {
  const { page, context } = await opened.visit('/t/demo/home')
  const ways = ['Home', 'Runs', 'Endpoints', 'Data quality', 'Partitions']
  const go = async (times: number) => {
    for (let at = 0; at < times; at++) {
      const name = ways[at % ways.length] ?? ''
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await page.waitForTimeout(100)
    }
  }
  await go(NAVIGATIONS)
  const before = await heapOf(page)
  await go(NAVIGATIONS)
  const after = await heapOf(page)
  say(`heap ${formatBytes(before)} → ${formatBytes(after)}`)
  await context.close()
  return {
    work: `heap after another ${NAVIGATIONS} navigations`,
    millrace: formatBytes(after),
    peer: `${formatBytes(before)} before`,
    ratio: `${(after / before).toFixed(2)} x`,
    hold: `<= ${HEAP_MOST_RATIO} x`,
    held: after / before <= HEAP_MOST_RATIO,
  }
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}

if (import.meta.main) await runAlone(portal)
