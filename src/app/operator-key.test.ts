import assert from 'node:assert/strict'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'

import { readOperatorKey } from '#app/operator-key.ts'
import { buildFolder } from '../../test/support/open-parts.ts'

test("the operators' key is one long word that not everybody may read", async (t) => {
  const file = join(await buildFolder(t), 'operator.key')
  const key = 'k'.repeat(32)
  const refused = (problem: RegExp) =>
    assert.rejects(readOperatorKey(file), (error: Error & { code: string }) => {
      assert.equal(error.code, 'operator-key-unusable')
      assert.match(error.message, problem)
      return !error.message.includes(key)
    })
  assert.equal(await readOperatorKey(null), null)
  await refused(/ENOENT/)
  await writeFile(file, `${key}\n`, { mode: 0o600 })
  assert.equal(await readOperatorKey(file), key)
  await chmod(file, 0o644)
  await refused(/everybody on this machine may read it/)
  await chmod(file, 0o640)
  assert.equal(await readOperatorKey(file), key)
  await writeFile(file, 'short')
  await refused(/fewer than 32 characters/)
  await writeFile(file, `${key} ${key}`)
  await refused(/more than one word/)
  await writeFile(file, '')
  await refused(/more than one word|fewer/)
})
