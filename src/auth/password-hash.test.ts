import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createPasswordHash } from '#auth/password-hash.ts'
import { systemRandom } from '#kernel/random.ts'

const cheap = { memoryKib: 64, passes: 1, parallelism: 1 }

test('a password fits its own hash only, in any Unicode form of it', async () => {
  const passwords = createPasswordHash(systemRandom, cheap)
  const phc = await passwords.hash('Fähre über Ⅳ Flüsse')
  assert.match(phc, /^\$argon2id\$v=19\$m=64,t=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(phc, await passwords.hash('Fähre über Ⅳ Flüsse'), 'each has a salt of its own')
  const fits = async (password: string) => (await passwords.verify(password, phc)).fits
  assert.equal(await fits('Fähre über Ⅳ Flüsse'.normalize('NFD')), true)
  assert.equal(await fits('Fähre über IV Flüsse'), true)
  for (const other of ['fähre über Ⅳ Flüsse', 'Fähre über Ⅳ Flüsse ', 'Fähre', '', '\0']) {
    assert.equal(await fits(other), false, other)
  }
})

test('a hash of other parameters still fits, and is said to be stale', async () => {
  const former = createPasswordHash(systemRandom, cheap)
  const present = createPasswordHash(systemRandom, { ...cheap, passes: 2 })
  const phc = await former.hash('some words here')
  assert.deepEqual(await present.verify('some words here', phc), { fits: true, stale: true })
  assert.deepEqual(await former.verify('some words here', phc), { fits: true, stale: false })
})

test('one run is made whether there is a password or not', async () => {
  const passwords = createPasswordHash(systemRandom, cheap)
  const phc = await passwords.hash('some words here')
  assert.equal(passwords.runs, 1)
  await passwords.verify('some words here', phc)
  await passwords.verify('other words', phc)
  assert.deepEqual(await passwords.verify('some words here', null), { fits: false, stale: false })
  assert.equal(passwords.runs, 4)
})

test('as many as come wait in a line, the event loop goes on, and a flood is turned away', async () => {
  const passwords = createPasswordHash(systemRandom)
  let ticks = 0
  const ticking = setInterval(() => ticks++, 1)
  const attempts = Array.from({ length: 80 }, () => passwords.verify('wrong words', null))
  const ended = await Promise.allSettled(attempts)
  clearInterval(ticking)
  const refused = ended.filter(({ status }) => status === 'rejected')
  assert.equal(refused.length, 80 - 64 - 2)
  assert.ok(refused.every((one) => 'reason' in one && one.reason.code === 'sign-in-busy'))
  assert.equal(passwords.runs, 66)
  assert.ok(ticks > 66, `${ticks} ticks while passwords were hashed`)
  assert.equal(
    (await passwords.verify('wrong words', null)).fits,
    false,
    'and the line is open again',
  )
})
