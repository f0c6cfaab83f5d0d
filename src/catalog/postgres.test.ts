import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'

import { openPostgres } from '#catalog/postgres.ts'
import { testParts } from '../../test/support/database.ts'

/** Address of a server that is ready and gone in one breath. */
async function hastyServer(t: TestContext): Promise<string> {
  const message = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4)
    length.writeInt32BE(body.length + 4)
    return Buffer.concat([Buffer.from(type), length, body])
  }
  const farewell = 'SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0'
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.end(
        Buffer.concat([
          message('R', Buffer.alloc(4)),
          message('Z', Buffer.from('I')),
          message('E', Buffer.from(farewell)),
        ]),
      )
    })
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => void server.close())
  const { port } = server.address() as AddressInfo
  return `postgres://nobody@127.0.0.1:${port}/none`
}

test('a server that says ready and good-bye in one breath does not end the process', async (t) => {
  const database = openPostgres(await hastyServer(t), testParts)
  t.after(() => database.close())
  const connection = await database.connect()
  await assert.rejects(connection.client.query('SELECT 1'))
  connection.release(true)
})

test('nor does it end a process that listens: it is asked again', async (t) => {
  const database = openPostgres(await hastyServer(t), testParts)
  t.after(() => database.close())
  const stop = await database.listen('millrace_ready', () => {})
  await stop()
})
