import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'

import { withPostgres } from '#targets/postgres-connection.ts'

/** `AuthenticationOk` and `ReadyForQuery` of the protocol, version 3. */
const WELCOME = Buffer.from('520000000800000000' + '5a0000000549', 'hex')

/** A server that lets everybody in and never answers a statement. */
async function openSilent(t: TestContext) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', () => socket.write(WELCOME))
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `postgres://u:p@127.0.0.1:${port}/d?sslmode=disable`, sockets }
}

const egress = { resolve: async () => ['127.0.0.1'] }

test('a server that is silent holds nobody for ever', async (t) => {
  const { url, sockets } = await openSilent(t)
  const ask = (limits: { silenceMs?: number; workMs?: number }) =>
    withPostgres(
      egress,
      { url },
      new AbortController().signal,
      (client) => client.query('SELECT 1'),
      limits,
    )
  await assert.rejects(ask({ silenceMs: 200 }), { code: 'target-unreachable' })
  await assert.rejects(ask({ workMs: 200 }), { code: 'target-unreachable' })
  await Promise.all([...sockets].map((socket) => once(socket, 'close')))
})

test('whoever has gone lets go of a silent server at once', async (t) => {
  const { url } = await openSilent(t)
  const going = new AbortController()
  const asked = withPostgres(egress, { url }, going.signal, async (client) => {
    going.abort(new Error('gone'))
    return client.query('SELECT 1')
  })
  await assert.rejects(asked, { message: 'gone' })
})
