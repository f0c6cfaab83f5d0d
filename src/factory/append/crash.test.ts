import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { test } from 'node:test'

import { tenantBySlug } from '#catalog/tenants.ts'
import { meterTenant, writeMeters } from '../../../test/support/build-meters.ts'
import { buildFolder, openMillrace } from '../../../test/support/open-parts.ts'

/**
 * Sends rows with values that count up, two at a time, and writes each down before it is sent (`>`) and
 * once it is acknowledged (`<`). Kills itself at the n-th time that it comes to a point.
 */
const script = `
  import { writeSync } from 'node:fs'
  import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
  import { meterTenant } from './test/support/build-meters.ts'
  import { openMillraceIn } from './test/support/open-parts.ts'
  const [home, pack, point, count, from] = process.argv.slice(-5)
  let left = Number(count)
  const at = (name) => {
    if (name === point && --left === 0) process.kill(process.pid, 'SIGKILL')
  }
  const around = async (name, work) => {
    at('before ' + name)
    const result = await work()
    at('after ' + name)
    return result
  }
  const millrace = await openMillraceIn(home, {
    packs: [pack],
    wrap: {
      lake: (lake) => Object.assign(Object.create(lake), {
        adopt: (...given) => around('adopt', () => lake.adopt(...given)),
        staging: (...given) => around('staging', () => lake.staging(...given)),
      }),
      catalog: (catalog) => Object.assign(Object.create(catalog), {
        asTenant: (tenant, work) => {
          let publishes = false
          return around('transaction', async () => {
            const result = await catalog.asTenant(tenant, (session) => work({
              tenant: session.tenant,
              query(text, values) {
                if (text.includes('INTO extent')) publishes = true
                return session.query(text, values)
              },
            }))
            if (publishes) at('after publish')
            return result
          })
        },
      }),
    },
  })
  const { catalog } = millrace.parts
  const tenant = (await tenantBySlug(catalog, 'acme')) ?? (await createTenant(catalog, 'acme'))
  const { send } = meterTenant(() => millrace, tenant)
  const tell = (line) => writeSync(1, line + '\\n')
  for (let value = Number(from); ; value += 2) {
    await Promise.all([value, value + 1].map(async (own) => {
      tell('>' + own)
      await send([{ at: own % 2 ? '2026-11-21' : '2026-11-22', value: own }])
      tell('<' + own)
    }))
  }
`

const points = [
  ['before adopt', 2],
  ['after adopt', 2],
  ['after publish', 1],
  ['after publish', 3],
  ['before transaction', 25],
] as const

test('killed at any moment, what was acknowledged is in the dataset once, and nothing is twice', async (t) => {
  const folder = await buildFolder(t, 'millrace-append-crash')
  const home = join(folder, 'home')
  const pack = await writeMeters(folder)
  const sent = new Set<number>()
  const acknowledged = new Set<number>()
  for (const [point, count] of points) {
    const from = String(Math.max(0, ...sent) + 1)
    const child = spawn(
      process.execPath,
      ['--input-type=module-typescript', '--eval', script, home, pack, point, String(count), from],
      { cwd: join(import.meta.dirname, '../../..'), stdio: ['ignore', 'pipe', 'inherit'] },
    )
    t.after(() => void child.kill('SIGKILL'))
    const exited = once(child, 'exit')
    for await (const line of createInterface({ input: child.stdout })) {
      const value = Number(line.slice(1))
      if (line.startsWith('>')) sent.add(value)
      else acknowledged.add(value)
    }
    const [, signal] = await exited
    assert.equal(signal, 'SIGKILL', `at ${point}`)
  }
  assert.ok(acknowledged.size > points.length, `${acknowledged.size} acknowledged`)

  const millrace = await openMillrace(t, { home, packs: [pack] })
  const tenant = await tenantBySlug(millrace.parts.catalog, 'acme')
  assert.ok(tenant)
  const own = meterTenant(() => millrace, tenant)
  await own.settled((await own.send([{ at: '2026-11-23', value: -1 }])).acknowledgement)
  const rows = await own.rows("SELECT value FROM published WHERE _partition < '2026-11-23'")
  const values = rows.map(({ value }) => Number(value))
  assert.equal(new Set(values).size, values.length, 'a row is there twice')
  const found = new Set(values)
  assert.deepEqual(
    [...acknowledged].filter((value) => !found.has(value)),
    [],
    'lost',
  )
  assert.deepEqual(
    values.filter((value) => !sent.has(value)),
    [],
    'never sent',
  )
})
