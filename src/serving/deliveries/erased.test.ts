import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { getDelivery, type Delivery } from '#catalog/deliveries.ts'
import { systemClock } from '#kernel/clock.ts'
import { fullAccess } from '#model/access.ts'
import type { DeliveryAsker } from '#serving/deliveries/deliveries.ts'
import type { Question } from '#serving/question.ts'
import { filesHolding } from '../../../test/support/lake-bytes.ts'
import { buildSubjectWorld } from '../../../test/support/subject-world.ts'

const PERSON = 'Ada Canary Lovelace'

test('files of deliveries go with a subject that they may hold, and what was asked of it', async (t) => {
  const world = await buildSubjectWorld(t)
  const { parts, tenant } = world.millrace
  await world.write('2021-04', [`1,2021-04-02,${PERSON},1,2`, '2,2021-04-03,bob,1,2'])
  await world.millrace.runWell({ datasets: ['visits'], partitions: ['2021-04'] })
  const definition = parts.factory.datasets.find(({ name }) => name === 'visits')
  assert.ok(definition)
  const asker: DeliveryAsker = { tenant, access: fullAccess, name: 'local', email: null }
  const question: Question = {
    subject: { kind: 'dataset', definition, partitions: null },
    select: null,
    where: [{ column: 'who', op: 'eq', value: PERSON }],
    sort: null,
    asOf: null,
  }
  const { receipt } = await parts.answers.ask(asker, question)
  const wish = { format: 'csv', cells: 'raw', title: 'visits' } as const
  const begun = await parts.deliveries.begin(asker, { question, receipt }, wish)
  const ready = await until(begun.id, 'ready')
  const lake = join(world.millrace.home, 'lake')
  const holding = await filesHolding(lake, PERSON)
  assert.ok(
    holding.some((path) => path.includes('/deliveries/')),
    holding.join(),
  )

  await world.erase('person', PERSON)
  const erased = await until(begun.id, 'erased')
  assert.equal(parts.deliveries.linkOf(tenant, erased), null)
  assert.equal(await parts.deliveries.byLink(tenant, ready.id, 'x'), null)
  const left = (await filesHolding(lake, PERSON)).filter((path) => path.includes('/deliveries/'))
  assert.deepEqual(left, [])
  assert.ok(!JSON.stringify(erased).includes(PERSON))

  async function until(id: string, state: string): Promise<Delivery> {
    for (const untilMs = systemClock.monotonicMs() + 60_000; ;) {
      const found = await parts.catalog.asTenant(tenant, (session) => getDelivery(session, id))
      assert.ok(found)
      if (found.state === state) return found
      assert.ok(systemClock.monotonicMs() < untilMs, JSON.stringify(found))
      await systemClock.sleep(50)
    }
  }
})
