import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { buildFolder, errorCode, testConnector, testContext } from '#connectors/conformance.ts'
import type { KeptObject, KeptObjects } from '#connectors/kept-objects.ts'
import { openConnector } from '#connectors/registry.ts'
import { trafficConnector } from '#connectors/traffic/traffic-connector.ts'
import { systemClock } from '#kernel/clock.ts'

const CHUNK_BYTES = 1024 * 1024

/** Objects in memory, in the place of those that the catalog tells of. */
function keptInMemory(): { kept: KeptObjects; put(name: string, bytes: Uint8Array): void } {
  const objects = new Map<string, KeptObject & { readonly bytes: Uint8Array }>()
  let puts = 0
  return {
    put(name, bytes) {
      const modifiedAt = systemClock.now()
      objects.set(name, { name, bytes, etag: `${++puts}`, sizeBytes: bytes.length, modifiedAt })
    },
    kept: {
      find: async (name) => objects.get(name) ?? null,
      async *list(prefix) {
        yield* [...objects.values()]
          .filter(({ name }) => name.startsWith(prefix))
          .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
      },
      async *read(name) {
        const object = objects.get(name)
        if (!object) return null
        for (let at = 0; at < object.sizeBytes; at += CHUNK_BYTES) {
          yield object.bytes.subarray(at, at + CHUNK_BYTES)
        }
        return object
      },
    },
  }
}

testConnector({
  name: 'traffic',
  async open(_t, context) {
    const { kept, put } = keptInMemory()
    return {
      connector: trafficConnector.open({}, { ...context, kept }),
      base: 'traffic://endpoints/',
      put: async (name, bytes) => put(`endpoints/${name}`, bytes),
    }
  },
})

test('what grows between the look and the reading is described as it was read', async (t) => {
  const { kept, put } = keptInMemory()
  put('endpoints/2026/11/22.ndjson', Buffer.from('one\n'))
  const growing: KeptObjects = {
    ...kept,
    async find(name) {
      const found = await kept.find(name)
      put('endpoints/2026/11/22.ndjson', Buffer.from('one\ntwo\n'))
      return found
    },
  }
  const connector = trafficConnector.open({}, { ...testContext, kept: growing })
  const toPath = join(await buildFolder(t), 'raw')
  const location = 'traffic://endpoints/2026/11/22.ndjson'
  const { info } = await connector.fetch({ location, toPath })
  assert.equal(await readFile(toPath, 'utf8'), 'one\ntwo\n')
  assert.equal(info.sizeBytes, 8)
  assert.equal(info.etag, '2')
})

test('what is gone between the look and the reading is missing, and nothing is left', async (t) => {
  const { kept, put } = keptInMemory()
  put('endpoints/2026/11/22.ndjson', Buffer.from('one\n'))
  const empty = keptInMemory().kept
  const going = { ...kept, read: empty.read }
  const connector = trafficConnector.open({}, { ...testContext, kept: going })
  const folder = await buildFolder(t)
  const location = 'traffic://endpoints/2026/11/22.ndjson'
  await assert.rejects(
    connector.fetch({ location, toPath: join(folder, 'raw') }),
    errorCode('object-missing'),
  )
  assert.deepEqual(await readdir(folder), [])
})

test('addresses of another form are refused, and there is no option that names a tenant', () => {
  const context = { ...testContext, kept: keptInMemory().kept }
  const connector = trafficConnector.open({}, context)
  for (const location of ['traffic:endpoints/2026/11/22.ndjson', 'traffic:/x', 'endpoints/x']) {
    assert.throws(() => connector.resolve(location), errorCode('location-invalid'))
  }
  for (const options of [{ tenant: 'beta' }, { region: 'x' }]) {
    assert.throws(
      () => openConnector('traffic://endpoints/x', options, context),
      errorCode('input-invalid'),
    )
  }
})
