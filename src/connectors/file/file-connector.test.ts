import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { buildFolder, errorCode, testConnector, testContext } from '#connectors/conformance.ts'
import { fileConnector } from '#connectors/file/file-connector.ts'
import { discoverPartitions } from '#connectors/location.ts'

testConnector({
  name: 'file',
  async open(t, context) {
    const folder = await buildFolder(t)
    return {
      connector: fileConnector.open({}, context),
      base: `${folder}/`,
      async put(name, bytes) {
        await mkdir(dirname(`${folder}/${name}`), { recursive: true })
        await writeFile(`${folder}/${name}`, bytes)
      },
    }
  },
})

test('a relative path starts from the base folder, a URL is decoded', async (t) => {
  const baseFolder = await buildFolder(t)
  const connector = fileConnector.open({}, { ...testContext, baseFolder })
  const path = join(baseFolder, 'two words.csv')
  await writeFile(path, 'x')
  for (const location of ['two words.csv', './two words.csv', pathToFileURL(path).href]) {
    assert.equal((await connector.stat(location)).location, path)
  }
  assert.equal(connector.resolve('./{yyyy}/{MM}.csv'), join(baseFolder, '{yyyy}/{MM}.csv'))
  assert.equal(connector.resolve('file:///data/{yyyy}.csv'), '/data/{yyyy}.csv')
})

test('partitions below a relative template are found', async (t) => {
  const baseFolder = await buildFolder(t)
  const connector = fileConnector.open({}, { ...testContext, baseFolder })
  await mkdir(join(baseFolder, '2021'))
  await writeFile(join(baseFolder, '2021/04.csv'), 'x')
  const found = await discoverPartitions(connector, './{yyyy}/{MM}.csv', {
    tenant: 'acme',
    grain: 'month',
  })
  assert.deepEqual(
    found.map(({ partition }) => partition),
    ['2021-04'],
  )
})

test('a list does not go deeper than it is asked to, nor into linked folders', async (t) => {
  const folder = await buildFolder(t)
  const connector = fileConnector.open({}, testContext)
  await mkdir(join(folder, 'a/b'), { recursive: true })
  await writeFile(join(folder, 'a/b/deep.csv'), 'x')
  await writeFile(join(folder, 'a/flat.csv'), 'x')
  await symlink(folder, join(folder, 'circle'))
  await symlink(join(folder, 'nowhere'), join(folder, 'dangling.csv'))
  await symlink(join(folder, 'a/flat.csv'), join(folder, 'linked.csv'))
  const names = async (levels?: number) => {
    const options = levels === undefined ? {} : { levels }
    const infos = await Array.fromAsync(connector.list(`${folder}/`, options))
    return infos.map((info) => info.location.slice(folder.length + 1))
  }
  assert.deepEqual(await names(), ['a/b/deep.csv', 'a/flat.csv', 'linked.csv'])
  assert.deepEqual(await names(1), ['a/flat.csv', 'linked.csv'])
  assert.deepEqual(await names(0), ['linked.csv'])
})

for (const [title, change] of [
  ['grows', (path: string) => appendFileSync(path, 'more')],
  ['is replaced', (path: string) => void rename(`${path}.next`, path)],
] as const) {
  test(`a file that ${title} while it is copied is source-changing, and nothing is left`, async (t) => {
    const folder = await buildFolder(t)
    const target = await buildFolder(t)
    const path = join(folder, 'events.csv')
    const size = 9 * 1024 * 1024
    await writeFile(path, Buffer.alloc(size))
    await writeFile(`${path}.next`, Buffer.alloc(size))
    let changed = false
    const fetching = fileConnector.open({}, testContext).fetch({
      location: path,
      toPath: join(target, 'raw'),
      onProgress() {
        if (!changed) change(path)
        changed = true
      },
    })
    // Where the file system shares blocks there is no moment in between.
    const outcome = await fetching.catch((error: unknown) => error)
    if (outcome instanceof Error) {
      errorCode('source-changing')(outcome)
      assert.deepEqual(await readdir(target), [])
    } else {
      assert.equal((await readFile(join(target, 'raw'))).length, size)
    }
  })
}

test('an overwritten file of the same size has another tag, however soon', async (t) => {
  const folder = await buildFolder(t)
  const path = join(folder, 'events.csv')
  const connector = fileConnector.open({}, testContext)
  const tags = new Set<string>()
  for (let version = 0; version < 5; version++) {
    await writeFile(path, `version ${version}`)
    tags.add((await connector.stat(path)).etag)
  }
  assert.equal(tags.size, 5)
})

test('what is no file is refused with the way out', async (t) => {
  const folder = await buildFolder(t)
  const connector = fileConnector.open({}, testContext)
  await assert.rejects(connector.stat(folder), errorCode('location-invalid'))
  await assert.rejects(connector.stat('/dev/null'), errorCode('location-invalid'))
  await assert.rejects(
    connector.stat(`${folder}/${'x'.repeat(300)}`),
    errorCode('location-invalid'),
  )
  await symlink('circle', join(folder, 'circle'))
  await assert.rejects(connector.stat(join(folder, 'circle')), errorCode('location-invalid'))
  for (const bad of ['', 'a\0b', 'file://elsewhere/x.csv']) {
    await assert.rejects(async () => connector.stat(bad), errorCode('location-invalid'), bad)
  }
})
