import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, type TestContext } from 'node:test'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { startFaultProxy, type Fault, type FaultProxy } from '../support/fault-proxy.ts'
import { buildFolder, openMillrace, type TestMillrace } from '../support/open-parts.ts'
import { changedBetween, pointersOf } from '../support/published.ts'
import { testKeys, useS3Server } from '../support/s3-server.ts'
import { compareWithTruth, eventFiles, truthOfFiles } from './compare-with-truth.ts'
import { changeEmails } from './edit-events.ts'

const months = ['2021-03', '2021-04']
const ALL = { datasets: ['events'], partitions: months }
const s3 = useS3Server()

describe('the main job from an S3 bucket', () => {
  s3.test('fetches each month once, and again only what changed', async (t) => {
    const world = await buildWorld(t, () => undefined)
    const { millrace, proxy } = world
    await millrace.runWell(ALL)
    await assertTruth(world)
    assert.ok(bodiesOf(proxy).length >= months.length)

    const seen = proxy.seen.length
    assert.equal(await millrace.run(ALL), null)
    assert.deepEqual(bodiesOf(proxy, seen), [], 'nothing is fetched that did not change')

    const path = world.paths.get('2021-04') ?? ''
    changeEmails(path, '2021-04-17', 10, (email) => `x${email}`)
    await s3.put(world.bucket, '2021/04/events.csv', await readFile(path))
    const before = await pointersOf(millrace)
    const since = proxy.seen.length
    await millrace.runWell(ALL)
    assert.ok(bodiesOf(proxy, since).every((key) => key.includes('/2021/04/')))
    const changed = changedBetween(before, await pointersOf(millrace))
    assert.ok(changed.includes('events 2021-04') && !changed.includes('events 2021-03'))
    assert.deepEqual(
      changed.filter((name) => name.startsWith('users_by_day')),
      ['users_by_day 2021-04-17'],
    )
    await assertTruth(world)
  })

  s3.test('survives cut bodies, refusals and resets in the middle of a run', async (t) => {
    let bodies = 0
    const world = await buildWorld(t, (method) => {
      if (method !== 'GET') return undefined
      bodies++
      if (bodies === 1) return { kind: 'cut', afterBytes: 20_000 }
      if (bodies === 2) return { kind: 'answer', status: 503, body: slowDown }
      if (bodies === 3) return { kind: 'reset' }
      return undefined
    })
    await world.millrace.runWell(ALL)
    assert.ok(bodies > 3, 'every fault was met')
    await assertTruth(world)
  })

  s3.test('an object with a flipped bit is noticed and never published', async (t) => {
    let bodies = 0
    const world = await buildWorld(t, (method) =>
      method === 'GET' && ++bodies <= 2 ? { kind: 'flip', atByte: 30_000 } : undefined,
    )
    await world.millrace.run(ALL)
    await world.millrace.run(ALL)
    await assertTruth(world)
  })

  s3.test('a bucket that refuses everything fails the month and names the way out', async (t) => {
    const denied = '<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>'
    let refuse = false
    const world = await buildWorld(t, () =>
      refuse ? { kind: 'answer', status: 403, body: denied } : undefined,
    )
    await world.millrace.runWell(ALL)
    const before = await pointersOf(world.millrace)
    refuse = true
    await assert.rejects(
      () => world.millrace.plan(ALL),
      (error: Error) => /2021\/03\/events.csv may not be read/.test(error.message),
    )
    assert.deepEqual(changedBetween(before, await pointersOf(world.millrace)), [])
  })
})

const slowDown =
  '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'

interface World {
  readonly millrace: TestMillrace
  readonly proxy: FaultProxy
  readonly bucket: string
  readonly paths: ReadonlyMap<string, string>
}

let buckets = 0

async function buildWorld(
  t: TestContext,
  decide: (method: string) => Fault | undefined,
): Promise<World> {
  const folder = await buildFolder(t, 'millrace-s3')
  await writeTwin(folder, { seed: 5, months, rowsPerMonth: 600 })
  const paths = eventFiles(folder, months)
  const bucket = await s3.bucket(`events-${++buckets}`)
  for (const [month, path] of paths)
    await s3.put(bucket, `${month.replace('-', '/')}/events.csv`, await readFile(path))
  const proxy = await startFaultProxy(t, s3.endpoint, ({ method }) => decide(method))
  const millrace = await openMillrace(t)
  await millrace.configure('events', {
    location: `s3://${bucket}/{yyyy}/{MM}/events.csv`,
    region: 'us-east-1',
    endpoint: proxy.url,
    pathStyle: true,
    ...testKeys,
  })
  return { millrace, proxy, bucket, paths }
}

/** Paths of the objects whose bodies were asked for. */
function bodiesOf(proxy: FaultProxy, from = 0): string[] {
  return proxy.seen
    .slice(from)
    .filter(({ method, path }) => method === 'GET' && path.includes('events.csv'))
    .map(({ path }) => path)
}

async function assertTruth({ millrace, paths }: World): Promise<void> {
  const truth = await truthOfFiles(paths)
  assert.deepEqual((await compareWithTruth(millrace, truth)).differences, [])
}
