import assert from 'node:assert/strict'
import { test } from 'node:test'

import { inParallel } from '#kernel/in-parallel.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('results keep the order of the items, and no more than the limit are at work', async () => {
  let [atWork, most] = [0, 0]
  const results = await inParallel([5, 1, 4, 2, 3], 2, async (turns) => {
    most = Math.max(most, ++atWork)
    for (let i = 0; i < turns; i++) await turn()
    atWork--
    return turns * 10
  })
  assert.deepEqual(results, [50, 10, 40, 20, 30])
  assert.equal(most, 2)
  assert.deepEqual(await inParallel([], 2, turn), [])
})

test('after a failure nothing more is begun, and what is at work has ended', async () => {
  const begun: number[] = []
  const ended: number[] = []
  const work = inParallel([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item)
    await turn()
    if (item === 1) throw new Error('no')
    await turn()
    ended.push(item)
  })
  await assert.rejects(work, /no/)
  assert.deepEqual([begun, ended], [[1, 2], [2]])
})
