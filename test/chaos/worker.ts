// One life of a Millrace that is going to be killed: opens the home, looks whether everything there is
// whole, then runs what is missing or stale to the end. Says on stdout where it is, one JSON line each.
//
//   node test/chaos/worker.ts '<WorkerOrders as JSON>'

import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { faultPoints, watchStores, type FaultPoint } from './fault-points.ts'
import { plantedWraps, type Planted } from './planted.ts'
import type { Wrap } from '#app/compose.ts'
import { listRuns } from '#catalog/runs.ts'
import { sourceOptions, setSourceOptions } from '#catalog/options.ts'
import { checkStore, type ServedVersion } from '../support/check-store.ts'
import { openMillraceIn, waitForEnd } from '../support/open-parts.ts'
import { lakePlace } from '#app/lake-settings.ts'

export interface WorkerOrders {
  readonly home: string
  /** Location of the events, with `{yyyy}` and `{MM}`. */
  readonly location: string
  readonly months: readonly string[]
  /** Ends the process at the nth time that it comes by. */
  readonly dieAt: { readonly point: FaultPoint; readonly nth: number } | null
  /** A fault of ours, to see whether it is found. */
  readonly planted: Planted | null
}

export type WorkerLine =
  | { readonly event: 'opened' }
  /** `lost`: versions that were acknowledged by a former life and are not there. */
  | {
      readonly event: 'checked'
      readonly when: 'start' | 'end'
      readonly faults: readonly string[]
      readonly lost: readonly number[]
      readonly served: readonly ServedVersion[]
    }
  /** Runs of former lives that ended as failed. */
  | { readonly event: 'former'; readonly ended: readonly string[] }
  | { readonly event: 'at'; readonly point: FaultPoint }
  | { readonly event: 'ended'; readonly state: string; readonly problems: readonly string[] }

const FORMER_MS_MAX = 60_000

function say(line: WorkerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

async function live(orders: WorkerOrders): Promise<void> {
  const acknowledged = join(orders.home, 'acknowledged.log')
  const passed = new Map<FaultPoint, number>(faultPoints.map((point) => [point, 0]))
  const watched = watchStores({
    at(point) {
      const nth = (passed.get(point) ?? 0) + 1
      passed.set(point, nth)
      say({ event: 'at', point })
      if (orders.dieAt?.point === point && orders.dieAt.nth === nth) {
        process.kill(process.pid, 'SIGKILL')
        // The signal needs a moment; nothing may happen in it.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
      }
    },
    published: (ids) => appendFileSync(acknowledged, `${JSON.stringify(ids)}\n`),
  })
  const planted: Wrap = orders.planted ? plantedWraps[orders.planted] : {}
  const millrace = await openMillraceIn(orders.home, {
    wrap: {
      lake: (lake) => watched.lake?.(planted.lake?.(lake) ?? lake) ?? lake,
      catalog: (catalog) => watched.catalog?.(planted.catalog?.(catalog) ?? catalog) ?? catalog,
    },
    working: false,
  })
  const { parts, tenant } = millrace
  say({ event: 'opened' })
  await check('start')
  const options = await parts.catalog.asTenant(tenant, (s) => sourceOptions(s, 'events'))
  if (options['location'] !== orders.location) {
    await parts.catalog.asTenant(tenant, (s) =>
      setSourceOptions(s, 'events', { location: orders.location }),
    )
  }
  parts.startWorking()
  const view = await millrace.run({ datasets: ['events'], partitions: [...orders.months] })
  const problems = (view?.failures ?? []).map(
    ({ dataset, partition, error }) => `${dataset} ${partition}: ${error?.message ?? 'skipped'}`,
  )
  // What former lives had begun is taken up and brought to its end as well.
  const { unfinished, badly } = await endFormerRuns()
  problems.push(...unfinished.map((id) => `run ${id} of a former life does not end`))
  await check('end')
  say({ event: 'former', ended: badly })
  say({ event: 'ended', state: view?.run.state ?? 'nothing to do', problems })
  await millrace.close()

  async function endFormerRuns(): Promise<{ unfinished: string[]; badly: string[] }> {
    const runs = await parts.catalog.asTenant(tenant, (session) =>
      listRuns(session, { limit: 100 }),
    )
    const unfinished: string[] = []
    for (const { id } of runs.filter(({ state }) => state === 'running')) {
      const late = new Promise<null>((resolve) => setTimeout(resolve, FORMER_MS_MAX, null).unref())
      const ended = await Promise.race([waitForEnd(parts, tenant, id), late])
      if (ended === null) unfinished.push(id)
    }
    const all = await parts.catalog.asTenant(tenant, (session) => listRuns(session, { limit: 100 }))
    return { unfinished, badly: all.filter(({ state }) => state === 'failed').map(({ id }) => id) }
  }

  async function check(when: 'start' | 'end'): Promise<void> {
    const { faults, served } = await checkStore(parts.catalog, tenant, lakePlace(parts.config))
    const ids = existsSync(acknowledged)
      ? readFileSync(acknowledged, 'utf8')
          .split('\n')
          .filter((line) => line.endsWith(']'))
          .flatMap((line) => JSON.parse(line) as number[])
      : []
    const there = await parts.catalog.asTenant(tenant, (session) =>
      session.query<{ id: number }>('SELECT id FROM version WHERE tenant_id = $1', [tenant.id]),
    )
    const known = new Set(there.map(({ id }) => id))
    say({ event: 'checked', when, faults, lost: ids.filter((id) => !known.has(id)), served })
  }
}

await live(JSON.parse(process.argv[2] ?? '') as WorkerOrders)
