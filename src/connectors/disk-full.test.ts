import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { buildFolder, errorCode, seededBytes, testContext } from '#connectors/conformance.ts'
import { openConnector } from '#connectors/registry.ts'
import { mountSmallDisk } from '../../test/support/small-disk.ts'
import { startFaultProxy } from '../../test/support/fault-proxy.ts'
import type { Fault } from '../../test/support/fault-proxy.ts'

const DISK_BYTES = 256 * 1024
const bytes = seededBytes(2 * DISK_BYTES)

test('a copy that does not fit is disk-full and leaves nothing', async (t) => {
  const toFolder = mountSmallDisk(t, DISK_BYTES)
  if (toFolder === null) return
  const location = join(await buildFolder(t), 'large.csv')
  await writeFile(location, bytes)
  const connector = openConnector(location, {}, testContext)
  const fetching = connector.fetch({ location, toPath: join(toFolder, 'raw') })
  await assert.rejects(fetching, errorCode('disk-full'))
  assert.deepEqual(await readdir(toFolder), [])
})

test('a download that does not fit is disk-full at once and leaves nothing', async (t) => {
  const toFolder = mountSmallDisk(t, DISK_BYTES)
  if (toFolder === null) return
  const headers = { etag: '"1"', 'content-length': String(bytes.length) }
  const answer: Fault = { kind: 'answer', status: 200, headers, body: bytes }
  const server = await startFaultProxy(t, '', () => answer)
  const location = 's3://bucket/large.csv'
  const connector = openConnector(location, { endpoint: server.url, anonymous: true }, testContext)
  t.after(() => connector.close())
  const fetching = connector.fetch({ location, toPath: join(toFolder, 'raw') })
  await assert.rejects(fetching, errorCode('disk-full'))
  assert.deepEqual(await readdir(toFolder), [])
  assert.equal(server.seen.length, 2)
})
