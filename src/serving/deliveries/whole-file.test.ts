import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import { sha256 } from '#kernel/hash.ts'
import { answerPath, findWhole, noteWhole } from '#serving/deliveries/whole-file.ts'

const bytes = Buffer.from('n,who\n1,ada\n2,bo\n')
const csv = { format: 'csv' }

/** What an attempt leaves that dies when its file is whole. */
async function leave(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-whole-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const file = { path: answerPath(folder, csv), sizeBytes: bytes.length, sha256: sha256(bytes) }
  await writeFile(file.path, bytes)
  const whole = { ...file, rows: 2 }
  await noteWhole(folder, whole, 'as it was made')
  return { folder, whole, note: join(folder, 'whole.json') }
}

test('a file that is whole is found as it was left', async (t) => {
  const { folder, whole } = await leave(t)
  assert.deepEqual(await findWhole(folder, csv, 'as it was made'), whole)
})

const faults: [string, (left: Awaited<ReturnType<typeof leave>>) => Promise<void>][] = [
  ['was never noted', ({ note }) => rm(note)],
  ['is gone', ({ whole }) => rm(whole.path)],
  ['is shorter', ({ whole }) => writeFile(whole.path, bytes.subarray(0, 9))],
  [
    'has a wrong byte',
    ({ whole }) => writeFile(whole.path, bytes.toString().replace('ada', 'ads')),
  ],
  ['has a torn note', async ({ note }) => writeFile(note, (await readFile(note)).subarray(0, 30))],
  ['has a note that says nothing', ({ note }) => writeFile(note, 'null')],
]

for (const [title, fault] of faults) {
  test(`a file that ${title} is written anew`, async (t) => {
    const left = await leave(t)
    await fault(left)
    assert.equal(await findWhole(left.folder, csv, 'as it was made'), null)
  })
}

test('a file that was made of something else is written anew', async (t) => {
  const { folder } = await leave(t)
  assert.equal(await findWhole(folder, csv, 'as another version makes it'), null)
})
