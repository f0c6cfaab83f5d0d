import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { errorCatalog } from '#kernel/error-catalog.ts'

const folder = join(import.meta.dirname, 'error-catalog')

test('each code stands in one part of the catalogue, and each part is in the catalogue', async () => {
  const parts: Record<string, object>[] = await Promise.all(
    readdirSync(folder).map((name) => import(join(folder, name))),
  )
  const codes = parts.flatMap((part) =>
    Object.values(part).flatMap((errors) => Object.keys(errors)),
  )
  // Where two parts have the same code, the later one takes the place of the other without a word.
  const twice = codes.filter((code, index) => codes.indexOf(code) !== index)
  assert.deepEqual(twice, [])
  assert.deepEqual(codes.toSorted(), Object.keys(errorCatalog).toSorted())
})
