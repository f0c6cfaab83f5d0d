import assert from 'node:assert/strict'

import { systemClock } from '#kernel/clock.ts'

type Ask = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: Readonly<Record<string, unknown>>,
) => Promise<unknown>

interface Shown {
  readonly id: string
  readonly state: string
}

const running = new Set(['queued', 'running'])

/** A delivery whose file is there: nothing of it changes in the background then. */
export const deliveryMakers: Readonly<Record<string, (ask: Ask, word: string) => Promise<string>>> =
  {
    async delivery(ask, word) {
      // An erasure takes away what was delivered before its end.
      await until(async () => {
        const { erasures } = (await ask('GET', '/v1/erasures')) as { erasures: Shown[] }
        return erasures.every(({ state }) => state === 'done')
      })
      const body = { dataset: 'meter_months', title: `${word}-file`, mail: [`${word}@example.com`] }
      const { id } = (await ask('POST', '/v1/deliveries', body)) as Shown
      const look = async () => ((await ask('GET', `/v1/deliveries/${id}`)) as Shown).state
      await until(async () => !running.has(await look()))
      assert.equal(await look(), 'ready')
      return id
    },
  }

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await systemClock.sleep(100)
}
