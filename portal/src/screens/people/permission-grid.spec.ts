import { expect, test } from 'vitest'

import { holdersOf, rightsByRole, rolesToGive } from '~/screens/people/permission-grid.ts'

const rights = rightsByRole({
  builtIn: [
    { name: 'viewer', permissions: ['read', 'export'] },
    { name: 'owner', permissions: ['read', 'export', 'write', 'run', 'admin', 'owner'] },
  ],
  roles: [
    {
      name: 'Swiss desk',
      permissions: ['read'],
      access: {
        endpoints: ['events'],
        columns: {},
        rows: { events: [{ column: 'country', op: 'eq', value: 'CH' }] },
      },
    },
    {
      name: 'all',
      permissions: ['read'],
      access: { endpoints: null, columns: {}, rows: {} },
    },
  ],
})

test('a role without limits sees all of the data, as the built-in ones do', () => {
  expect([...rights.keys()]).toEqual(['viewer', 'owner', 'Swiss desk', 'all'])
  expect(rights.get('Swiss desk')?.access?.endpoints).toEqual(['events'])
  expect(rights.get('all')?.access).toBeNull()
  expect(rights.get('owner')?.access).toBeNull()
})

test('people are counted by what their role allows; an unknown role allows nothing', () => {
  const members = ['viewer', 'viewer', 'owner', 'Swiss desk', 'gone'].map((role) => ({ role }))
  expect(holdersOf(members, rights)).toMatchObject({ read: 4, export: 3, write: 1, owner: 1 })
})

test('nobody is offered a role that may do more than himself, but an operator is', () => {
  const names = (own: string[]) => rolesToGive(rights, own).map(({ name }) => name)
  expect(names(['read', 'export', 'write', 'run', 'admin'])).toEqual([
    'viewer',
    'Swiss desk',
    'all',
  ])
  expect(names(['operator'])).toHaveLength(4)
})
