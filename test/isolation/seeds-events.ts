import assert from 'node:assert/strict'

type Ask = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: Readonly<Record<string, unknown>>,
) => Promise<unknown>

/** A subscription at whose address nothing answers. */
export const eventMakers: Readonly<Record<string, (ask: Ask, word: string) => Promise<string>>> = {
  async subscription(ask, word) {
    const body = { url: `http://127.0.0.1:9/${word}`, title: `${word} subscription` }
    const { id } = (await ask('POST', '/v1/subscriptions', body)) as { id: string }
    // Nobody changes it in the background then.
    const { state } = (await ask('POST', `/v1/subscriptions/${id}/pause`)) as { state: string }
    assert.equal(state, 'paused')
    return id
  },
}
