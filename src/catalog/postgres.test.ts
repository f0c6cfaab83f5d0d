import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'

import { openPostgres } from '#catalog/postgres.ts'
import { testParts } from '../../test/support/database.ts'

test('a server that says ready and good-bye in one breath does not end the process', async (t) => {
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
  const { port } = server.address() as AddressInfo
  const database = openPostgres(`postgres://nobody@127.0.0.1:${port}/none`, testParts)
  t.after(async () => {
    await database.close()
    server.close()
  })

  const connection = await database.connect()
  await assert.rejects(connection.client.query('SELECT 1'))
  connection.release(true)
})
