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

/** A delivery whose file is there: nothing of it changes in the background then. */
export const deliveryMakers: Readonly<Record<string, (ask: Ask, word: string) => Promise<string>>> =
  {
    async delivery(ask, word) {
      const body = { dataset: 'meter_months', title: `${word}-file`, mail: [`${word}@example.com`] }
      const { id } = (await ask('POST', '/v1/deliveries', body)) as Shown
      for (;;) {
        const { state } = (await ask('GET', `/v1/deliveries/${id}`)) as Shown
        if (state === 'ready') return id
        assert.ok(state === 'queued' || state === 'running', state)
        await systemClock.sleep(50)
      }
    },
  }
