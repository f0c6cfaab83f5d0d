import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, get, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'

import { openRequests } from '#server/open-requests.ts'

/** One request under way: its response, and the program that waits for it. */
async function begin(t: TestContext) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = get({ port, host: '127.0.0.1', agent: false })
  const answered = once(client, 'response')
  client.on('error', () => {})
  answered.catch(() => {})
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  return { client, answered, response }
}

test('a signal is aborted when the caller has gone, and not by an answer', async (t) => {
  const open = openRequests(new AbortController().signal)
  const left = await begin(t)
  const signal = open.signalOf(left.response)
  assert.equal(signal.aborted, false)
  left.client.destroy()
  await once(left.response, 'close')
  assert.match(String(signal.reason), /the caller has gone/)
  assert.equal(open.signalOf(left.response).aborted, true)

  const stayed = await begin(t)
  const whole = open.signalOf(stayed.response)
  stayed.response.end('all')
  await once(stayed.response, 'close')
  assert.equal(whole.aborted, false)
})

test('the stop of the server aborts what is under way and what comes then, and nothing that has ended', async (t) => {
  const stopping = new AbortController()
  const open = openRequests(stopping.signal)
  const [ended, going, late] = [await begin(t), await begin(t), await begin(t)]
  const [over, under] = [open.signalOf(ended.response), open.signalOf(going.response)]
  ended.response.end()
  await once(ended.response, 'close')
  stopping.abort(new Error('it stops'))
  assert.equal(over.aborted, false)
  assert.equal(under.reason, stopping.signal.reason)
  assert.equal(open.signalOf(late.response).reason, stopping.signal.reason)
  for (const { response } of [going, late]) response.end()
})
