import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'

import { waitingOf } from '#catalog/append.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { listQuarantine } from '#operations/quarantine/list.ts'
import { meterTenant, writeMeters } from '../../../test/support/build-meters.ts'
import { buildFolder, openMillrace } from '../../../test/support/open-parts.ts'

/** Sends a bad row, fixes it, asks for the replay, and kills itself when that comes to a point. */
const script = `
  import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
  import { fixQuarantine } from '#operations/quarantine/fix.ts'
  import { listQuarantine } from '#operations/quarantine/list.ts'
  import { replayQuarantine } from '#operations/quarantine/replay.ts'
  import { meterTenant } from './test/support/build-meters.ts'
  import { openMillraceIn } from './test/support/open-parts.ts'
  const [home, pack, point, value] = process.argv.slice(-4)
  let armed = false
  const at = (name) => {
    if (armed && name === point) process.kill(process.pid, 'SIGKILL')
  }
  const millrace = await openMillraceIn(home, {
    packs: [pack],
    wrap: {
      lake: (lake) => Object.assign(Object.create(lake), {
        async adopt(...given) {
          at('before adopt')
          const file = await lake.adopt(...given)
          at('after adopt')
          return file
        },
      }),
      catalog: (catalog) => Object.assign(Object.create(catalog), {
        async asTenant(tenant, work) {
          let publishes = false
          const result = await catalog.asTenant(tenant, async (session) => {
            const done = await work({
              tenant: session.tenant,
              query(text, values) {
                if (text.includes('INTO extent')) publishes = true
                return session.query(text, values)
              },
            })
            if (publishes) at('before commit')
            return done
          })
          if (publishes) at('after commit')
          return result
        },
      }),
    },
  })
  const { catalog } = millrace.parts
  const tenant = (await tenantBySlug(catalog, 'acme')) ?? (await createTenant(catalog, 'acme'))
  const own = meterTenant(() => millrace, tenant)
  const door = await own.door()
  const sent = await own.send([{ at: '2026-11-20', meter: 'x' + value, value: 'x' + value }])
  await own.settled(sent.acknowledgement)
  const { rows } = await door.invoke(listQuarantine, { dataset: 'ticks' })
  const { partition, record } = rows.find(({ raw }) => raw.includes('x' + value))
  await door.invoke(fixQuarantine, { dataset: 'ticks', partition, records: [record], set: { value } })
  armed = true
  at('before replay')
  const { acknowledgements } = await door.invoke(replayQuarantine, { dataset: 'ticks' })
  at('after replay')
  await own.settled(acknowledgements[0])
  at('after all')
`

const points = [
  'before replay',
  'after replay',
  'before adopt',
  'after adopt',
  'before commit',
  'after commit',
] as const

test('killed at any moment of a replay, each mended row is in the dataset once and held back no more', async (t) => {
  const folder = await buildFolder(t, 'millrace-mend-crash')
  const home = join(folder, 'home')
  const pack = await writeMeters(folder)
  for (const [at, point] of points.entries()) {
    const child = spawn(
      process.execPath,
      ['--input-type=module-typescript', '--eval', script, home, pack, point, String(at + 1)],
      { cwd: join(import.meta.dirname, '../../..'), stdio: ['ignore', 'ignore', 'inherit'] },
    )
    t.after(() => void child.kill('SIGKILL'))
    const [, signal] = await once(child, 'exit')
    assert.equal(signal, 'SIGKILL', `at ${point}`)
  }
  const millrace = await openMillrace(t, { home, packs: [pack] })
  const tenant = await tenantBySlug(millrace.parts.catalog, 'acme')
  assert.ok(tenant)
  const own = meterTenant(() => millrace, tenant)
  const door = await own.door()
  // Every fix was asked for by then, the first by the second replay: what is left goes on by itself.
  const { catalog, clock } = millrace.parts
  while ((await catalog.asTenant(tenant, waitingOf)).bytes > 0) await clock.sleep(50)
  const rows = await own.rows('SELECT meter, value FROM published ORDER BY value')
  assert.deepEqual(
    rows.map(({ meter, value }) => [meter, Number(value)]),
    points.map((_point, at) => [`x${at + 1}`, at + 1]),
  )
  const held = await door.invoke(listQuarantine, { dataset: 'ticks' })
  assert.deepEqual(held.rows, [])
  const sum = (of: 'received' | 'accepted' | 'repaired' | 'quarantined') =>
    held.partitions.reduce((total, one) => total + one[of], 0)
  assert.deepEqual(
    [sum('received'), sum('accepted'), sum('repaired'), sum('quarantined')],
    [points.length, 0, points.length, 0],
  )
})
