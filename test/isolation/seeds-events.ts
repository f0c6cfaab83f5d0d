import assert from 'node:assert/strict'

type Ask = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: Readonly<Record<string, unknown>>,
) => Promise<unknown>

/** A subscription with something that waits for it, as nothing answers at its address. */
export const eventMakers: Readonly<Record<string, (ask: Ask, word: string) => Promise<string>>> = {
  async subscription(ask, word) {
    const body = { url: `http://127.0.0.1:9/${word}`, title: `${word} subscription` }
    const { id } = (await ask('POST', '/v1/subscriptions', body)) as { id: string }
    const { state } = (await ask('GET', `/v1/subscriptions/${id}`)) as { state: string }
    assert.equal(state, 'active')
    return id
  },
}
