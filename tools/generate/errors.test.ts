import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { errorCatalog } from '../../src/kernel/error-catalog.ts'
import { outputs } from './errors.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/reference/errors.md'), 'utf8')

test('every code has its place on the page, and the page names no other', () => {
  const documented = [...page.matchAll(/^### `([^`]+)`$/gm)].map(([, code]) => String(code))
  const missing = Object.keys(errorCatalog).filter((code) => !documented.includes(code))
  const unknown = documented.filter((code) => !(code in errorCatalog))
  assert.deepEqual({ missing, unknown }, { missing: [], unknown: [] })
})

test('the page is what the catalogue says today', async () => {
  assert.equal(page, (await outputs())['docs/reference/errors.md'])
})
