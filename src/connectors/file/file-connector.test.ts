import assert from 'node:assert/strict'
import { appendFileSync, constants, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { buildFolder, errorCode, testConnector, testContext } from '#connectors/conformance.ts'
import { fileConnector } from '#connectors/file/file-connector.ts'
import { discoverPartitions } from '#connectors/location.ts'
import type { Clock } from '#kernel/clock.ts'

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

const CHUNKS_BYTES = 9 * 1024 * 1024
for (const [title, change] of [
  ['grows', (path: string) => appendFileSync(path, 'more')],
  ['shrinks', (path: string) => truncateSync(path, 7)],
  ['is replaced', (path: string) => renameSync(`${path}.next`, path)],
  ['is overwritten', (path: string) => writeFileSync(path, 'x', { flag: 'r+' })],
] as const) {
  test(`a file that ${title} while it is copied is source-changing, and nothing is left`, async (t) => {
    const folder = await buildFolder(t)
    const path = join(folder, 'events.csv')
    await writeFile(path, Buffer.alloc(CHUNKS_BYTES))
    await writeFile(`${path}.next`, Buffer.alloc(CHUNKS_BYTES))
    if (await sharesBlocks(path))
      return t.skip('copies share blocks here: there is no moment in between')
    const target = await buildFolder(t)
    let changed = false
    const fetching = fileConnector.open({}, testContext).fetch({
      location: path,
      toPath: join(target, 'raw'),
      onProgress() {
        if (!changed) change(path)
        changed = true
      },
    })
    await assert.rejects(fetching, errorCode('source-changing'))
    assert.deepEqual(await readdir(target), [])
  })
}

async function sharesBlocks(path: string): Promise<boolean> {
  return copyFile(path, `${path}.clone`, constants.COPYFILE_FICLONE_FORCE).then(
    () => true,
    () => false,
  )
}

test('a file that was written just now is looked at again when its time has moved on', async (t) => {
  const path = join(await buildFolder(t), 'events.csv')
  await writeFile(path, 'first')
  const { mtimeMs } = await stat(path)
  const clock: Clock = {
    ...testContext.clock,
    now: () => new Date(mtimeMs + 1),
    // Its writer goes on within the same tick of the file system's clock.
    async sleep() {
      await writeFile(path, 'first and second')
    },
  }
  const { sizeBytes } = await fileConnector.open({}, { ...testContext, clock }).stat(path)
  assert.equal(sizeBytes, 16)
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

const asRoot = process.getuid?.() === 0 && 'root may read everywhere'
test('a file or folder that may not be read is source-denied', { skip: asRoot }, async (t) => {
  const folder = await buildFolder(t)
  const connector = fileConnector.open({}, testContext)
  await mkdir(join(folder, 'closed'))
  await writeFile(join(folder, 'closed/events.csv'), 'x')
  await writeFile(join(folder, 'events.csv'), 'x')
  await chmod(join(folder, 'events.csv'), 0)
  await chmod(join(folder, 'closed'), 0)
  const toPath = join(await buildFolder(t), 'raw')
  const denied = errorCode('source-denied')
  try {
    await assert.rejects(connector.fetch({ location: join(folder, 'events.csv'), toPath }), denied)
    await assert.rejects(connector.stat(join(folder, 'closed/events.csv')), denied)
    await assert.rejects(Array.fromAsync(connector.list(`${folder}/`)), denied)
  } finally {
    await chmod(join(folder, 'closed'), 0o700)
  }
})
