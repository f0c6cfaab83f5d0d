import assert from 'node:assert/strict'
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { bundlePacks, readBundle } from '#factory/code-bundle.ts'
import { openCodeShelf } from '#factory/code-shelf.ts'
import { systemClock } from '#kernel/clock.ts'
import { sha256 } from '#kernel/hash.ts'
import { createIds } from '#kernel/ids.ts'
import { systemRandom } from '#kernel/random.ts'
import { openDiskLake } from '#lake/disk-lake.ts'
import type { Pack, SourceDefinition } from '#model/definition.ts'
import { buildFolder } from '../../test/support/open-parts.ts'
import { buildPack } from '../../test/support/build-pack.ts'

const files = {
  'sources/providers.ts': `import { defineReference } from 'millrace'
export default defineReference({
  description: 'Providers.',
  location: './tables/providers.csv',
  columns: { domain: { type: 'text' } },
})`,
  'tables/providers.csv': 'domain\nmail.test\n',
  'analyses/totals.sql': `-- Totals of each month.
-- partition: month
-- input: orders same
SELECT sum(amount) AS total FROM orders
`,
}

const ids = createIds(systemClock, systemRandom)

function providersOf(pack: Pack): SourceDefinition {
  const found = pack.datasets.find(({ name }) => name === 'providers')
  assert.ok(found?.kind === 'source')
  return found
}

async function open(t: TestContext) {
  const folder = await buildFolder(t, 'millrace-code')
  const lake = await openDiskLake({ folder: join(folder, 'lake'), clock: systemClock })
  const local = join(folder, 'code')
  return { lake, local, shelf: openCodeShelf({ lake, folder: local, ids }) }
}

test('equal packs in different folders are the same bytes, another word in them is another code', async (t) => {
  const one = await buildPack(t, files)
  const two = await buildPack(t, files)
  const bytes = await bundlePacks([await one.read()])
  assert.deepEqual(bytes, await bundlePacks([await two.read()]))
  assert.doesNotMatch(new TextDecoder().decode(bytes), new RegExp(one.folder))
  await two.write('tables/providers.csv', 'domain\nmail.example\n')
  assert.notDeepEqual(bytes, await bundlePacks([await two.read()]))
})

test('code out of the lake is what was put in, with its files, wherever it is loaded', async (t) => {
  const pack = await (await buildPack(t, files)).read()
  const { lake, local, shelf } = await open(t)
  const bytes = await bundlePacks([pack])
  const hash = sha256(bytes)
  await lake.writeCode(hash, bytes)
  const loaded = await shelf.load(hash)
  const plain = JSON.parse(JSON.stringify(pack.datasets)) as unknown
  assert.deepEqual(loaded.datasets, plain)
  const file = loaded.fileOf(providersOf(pack))
  assert.equal(await readFile(file.path, 'utf8'), 'domain\nmail.test\n')
  assert.equal(file.sha256, sha256('domain\nmail.test\n'))
  assert.ok(file.path.startsWith(join(local, hash)))

  await writeFile(file.path, 'domain\nevil.test\n')
  const again = openCodeShelf({ lake, folder: local, ids })
  const found = (await again.load(hash)).fileOf(providersOf(pack))
  assert.equal(await readFile(found.path, 'utf8'), 'domain\nmail.test\n')
})

test('several processes that unpack the same code at the same moment all get it', async (t) => {
  const pack = await (await buildPack(t, files)).read()
  const { lake, local } = await open(t)
  const bytes = await bundlePacks([pack])
  const hash = sha256(bytes)
  await lake.writeCode(hash, bytes)
  const shelves = Array.from({ length: 8 }, () => openCodeShelf({ lake, folder: local, ids }))
  for (const code of await Promise.all(shelves.map((shelf) => shelf.load(hash)))) {
    assert.equal(await readFile(code.fileOf(providersOf(pack)).path, 'utf8'), 'domain\nmail.test\n')
  }
})

test('code that is not there, or is damaged, is named with the way out, and looked for again', async (t) => {
  const pack = await (await buildPack(t, files)).read()
  const { lake, shelf } = await open(t)
  const bytes = await bundlePacks([pack])
  const hash = sha256(bytes)
  await assert.rejects(shelf.load(hash), { code: 'code-unreadable' })
  await lake.writeCode(hash, bytes)
  assert.equal((await shelf.load(hash)).hash, hash)
})

test('a bundle of another format, or one that leads out of its folder, is refused', async (t) => {
  const bundle = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  const pack = await (await buildPack(t, files)).read()
  const good = JSON.parse(new TextDecoder().decode(await bundlePacks([pack]))) as {
    format: number
    packs: { files: { path: string }[] }[]
  }
  assert.doesNotThrow(() => readBundle(bundle(good)))
  const file = good.packs[0]?.files[0]
  assert.ok(file)
  for (const path of ['../../etc/passwd', '/etc/passwd', 'a/../../b', '..', 'C:\\a']) {
    const packs = [{ ...good.packs[0], files: [{ ...file, path }] }]
    assert.throws(() => readBundle(bundle({ ...good, packs })), { code: 'bundle-invalid' }, path)
  }
  for (const odd of [null, [], 'text', { ...good, format: 2 }, { format: 1, packs: [{}] }]) {
    assert.throws(() => readBundle(bundle(odd)), { code: 'bundle-invalid' })
  }
  assert.throws(() => readBundle(new Uint8Array([0xff])), { code: 'bundle-invalid' })
})

test('two packs with a dataset of the same name are refused', async (t) => {
  const one = await (await buildPack(t, files)).read()
  const other = { ...one, name: 'shop2' }
  await assert.rejects(bundlePacks([one, other]), {
    code: 'packs-clash',
    message: 'packs "shop" and "shop2" both have a dataset named "orders"',
  })
})

test('a table that is missing names the definition that asks for it', async (t) => {
  const { folder, read } = await buildPack(t, files)
  const pack = await read()
  await cp(join(folder, 'tables'), join(folder, 'elsewhere'), { recursive: true })
  await rm(join(folder, 'tables'), { recursive: true })
  await assert.rejects(bundlePacks([pack]), /sources\/providers\.ts: location: ENOENT/)
  await rename(join(folder, 'elsewhere'), join(folder, 'tables'))
  assert.ok((await bundlePacks([pack])).length > 0)
})
