import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'resiliency.md'), 'utf8')

interface Proof {
  readonly file: string
  readonly name: string
}

/** Lines of the form: - `path`: name of the test */
function proofsOf(text: string): Proof[] {
  return [...text.matchAll(/^- `([^`]+(?:\.test|\/conformance)\.ts)`: (.+)$/gm)].map(
    ([, file = '', name = '']) => ({
      file,
      name,
    }),
  )
}

function isThere({ file, name }: Proof): boolean {
  if (!existsSync(join(root, file))) return false
  const text = readFileSync(join(root, file), 'utf8')
  return text.split('\n').some((line) => line.includes(name)) || text.includes(`${name}'`)
}

test('each test that the page of promises names exists', () => {
  const proofs = proofsOf(page)
  assert.ok(proofs.length > 30, `only ${proofs.length} proofs were found on the page`)
  const missing = proofs.filter((proof) => !isThere(proof))
  assert.deepEqual(missing, [])
})

test('each promise has a proof, and a proof that does not exist is noticed', () => {
  const promises = page.split(/^## /m).slice(1)
  for (const promise of promises) {
    const [title = ''] = promise.split('\n')
    if (title === 'Known holes') continue
    assert.ok(proofsOf(promise).length > 0, `"${title}" names no test`)
  }
  assert.equal(
    isThere({ file: 'src/lake/disk-lake.test.ts', name: 'a test that nobody wrote' }),
    false,
  )
  assert.equal(isThere({ file: 'src/lake/no-such.test.ts', name: '' }), false)
})
