import { expect, test } from 'vitest'

import { whoOf } from '~/doors/who.ts'

test('people are known by their address, keys and Millrace itself by their names', () => {
  expect(whoOf('operator usr_1m8 olga@example.org')).toBe('olga@example.org')
  expect(whoOf('user usr_1m8 anna@x.org')).toBe('anna@x.org')
  expect(whoOf('key mk_1m8')).toBe('key mk_1m8')
  expect(whoOf('local')).toBe('local')
})
