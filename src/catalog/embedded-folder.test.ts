import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { beginFolder } from '#catalog/embedded-folder.ts'

async function places(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-begin-'))
  t.after(() => rm(folder, { recursive: true }))
  return { home: join(folder, 'home', 'catalog'), cache: join(folder, 'cache') }
}

async function writeDatabase(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'PG_VERSION'), '18')
}

test('a first start that dies half way leaves no folder that looks whole', async (t) => {
  const { home, cache } = await places(t)
  const dies = async (draft: string) => {
    await writeDatabase(draft)
    throw new Error('killed here')
  }
  await assert.rejects(beginFolder(home, cache, dies), /killed here/)
  assert.equal(existsSync(home), false)
  await beginFolder(home, cache, writeDatabase)
  assert.equal(await readFile(join(home, 'PG_VERSION'), 'utf8'), '18')
})

test('the next home is copied from the one that was made first', async (t) => {
  const { home, cache } = await places(t)
  await beginFolder(home, cache, writeDatabase)
  await beginFolder(`${home}-2`, cache, () => assert.fail('made again'))
  assert.equal(await readFile(join(`${home}-2`, 'PG_VERSION'), 'utf8'), '18')
})

test('a folder that is there is left alone', async (t) => {
  const { home, cache } = await places(t)
  await mkdir(home, { recursive: true })
  await beginFolder(home, cache, () => assert.fail('made again'))
})

test('a cache that cannot be written is no reason not to start', async (t) => {
  const { home, cache } = await places(t)
  await writeFile(cache, 'a file where the folder should be')
  await beginFolder(home, cache, writeDatabase)
  assert.ok(existsSync(join(home, 'PG_VERSION')))
})
