import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { createTenantCache } from '#serving/answers/tenant-cache.ts'

test('what is kept stays below its bound, and one tenant below its share, whatever is put in', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          tenant: fc.integer({ min: 1, max: 6 }),
          key: fc.integer({ min: 0, max: 30 }),
          bytes: fc.integer({ min: 0, max: 9000 }),
          isGet: fc.boolean(),
        }),
        { maxLength: 300 },
      ),
      (steps) => {
        const max = 100_000
        const cache = createTenantCache<number>(max)
        const sizes = new Map<string, number>()
        for (const { tenant, key, bytes, isGet } of steps) {
          if (isGet) cache.get(tenant, String(key))
          else {
            cache.set(tenant, String(key), bytes, bytes)
            sizes.set(`${tenant} ${key}`, bytes)
          }
        }
        let total = 0
        for (let tenant = 1; tenant <= 6; tenant++) {
          let own = 0
          for (let key = 0; key <= 30; key++) {
            const value = cache.get(tenant, String(key))
            if (value === undefined) continue
            assert.equal(value, sizes.get(`${tenant} ${key}`))
            own += value + 500
          }
          assert.ok(own <= max / 4, `tenant ${tenant} holds ${own}`)
          total += own
        }
        assert.ok(total <= max, `${total} in all`)
      },
    ),
  )
})

test('a tenant that asks for much pushes its own answers out, not those of others', () => {
  const cache = createTenantCache<string>(100_000)
  cache.set(1, 'quiet', 'kept', 1000)
  for (let at = 0; at < 1000; at++) cache.set(2, String(at), 'noise', 2000)
  assert.equal(cache.get(1, 'quiet'), 'kept')
  assert.equal(cache.get(2, '0'), undefined)
  assert.equal(cache.get(2, '999'), 'noise')
})

test('a tenant is forgotten whole, and no key of one tenant opens another', () => {
  const cache = createTenantCache<string>(100_000)
  cache.set(1, 'a', 'one', 10)
  cache.set(2, 'a', 'two', 10)
  assert.equal(cache.get(2, 'a'), 'two')
  cache.forget(2)
  assert.deepEqual([cache.get(1, 'a'), cache.get(2, 'a')], ['one', undefined])
})

test('without room nothing is kept', () => {
  const cache = createTenantCache<string>(0)
  cache.set(1, 'a', 'one', 0)
  assert.equal(cache.get(1, 'a'), undefined)
})
