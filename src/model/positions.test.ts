import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Positions } from '#model/positions.ts'

test('positions come in ascending order, each once', () => {
  const positions = new Positions(6)
  for (const position of [4, 1, 4, 0]) positions.add(position)
  assert.deepEqual([...positions], [0, 1, 4])
  assert.deepEqual([positions.has(4), positions.has(5), positions.first()], [true, false, 0])
})

test('positions outside of the domain are ignored', () => {
  const positions = new Positions(2)
  positions.add(-1)
  positions.add(2)
  assert.deepEqual([...positions], [])
  assert.equal(positions.has(-1), false)
  assert.equal(positions.first(), -1)
})

test('all from one on, and all of another set, can be added', () => {
  const [positions, others] = [new Positions(5), new Positions(5)]
  positions.addFrom(3)
  others.add(0)
  positions.addAll(others)
  assert.deepEqual([...positions], [0, 3, 4])
})
