import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { appendFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { buildFolder } from '#engine/jobs-for-tests.ts'
import { followFile } from '#engine/readers/follow-file.ts'
import { buildReaders, jobOf } from '#engine/readers/readers-for-tests.ts'
import { systemClock } from '#kernel/clock.ts'
import { sha256 } from '#kernel/hash.ts'

const piece = Buffer.alloc(700_000, 'rows,')
const aLittle = () => systemClock.sleep(50)

test('a file that grows has the hash of all of it at the end', async (t) => {
  const path = join(await buildFolder(t), 'answer')
  const followed = followFile(path, systemClock)
  const whole = createHash('sha256')
  await aLittle()
  for (let at = 0; at < 20; at++) {
    await appendFile(path, piece)
    whole.update(piece)
    if (at % 3 === 0) await aLittle()
  }
  assert.equal(await followed.finish(), whole.digest('hex'))
})

const changes: [string, (path: string) => Promise<void>][] = [
  ['is another one', (path) => writeFile(`${path}-2`, piece).then(() => rename(`${path}-2`, path))],
  ['has become shorter', (path) => truncate(path, 1_000)],
  ['is gone', (path) => rm(path)],
]

for (const [title, change] of changes) {
  test(`a file that ${title} is to be read anew`, async (t) => {
    const path = join(await buildFolder(t), 'answer')
    await writeFile(path, piece)
    const followed = followFile(path, systemClock)
    await aLittle()
    await change(path)
    assert.equal(await followed.finish(), null)
  })
}

test('a file that never came is to be read anew', async (t) => {
  const path = join(await buildFolder(t), 'answer')
  assert.equal(await followFile(path, systemClock).finish(), null)
})

for (const format of ['csv', 'json', 'ndjson', 'parquet'] as const) {
  test(`the hash of an answer in ${format} is that of the bytes that lie there`, async (t) => {
    const path = join(await buildFolder(t), `out.${format}`)
    const readers = await buildReaders(t)
    const sql = `SELECT range AS id, 'text ' || range % 977 AS note, range / 7 AS part FROM range(400000)`
    const job = jobOf([], sql, { format, to: { kind: 'file', path } })
    const { file, rows } = await readers.run({ ...job, limits: { ...job.limits, bytesMax: 1e9 } })
    assert.equal(rows, 400_000)
    const bytes = await readFile(path)
    assert.deepEqual(file, { path, sizeBytes: bytes.length, sha256: sha256(bytes) })
  })
}
