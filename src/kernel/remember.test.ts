import assert from 'node:assert/strict'
import { test } from 'node:test'

import { remember } from '#kernel/remember.ts'

function build(most = 10) {
  let nowMs = 0
  const asked: string[] = []
  const answers = new Map<string, PromiseWithResolvers<string | null>>()
  const get = remember<string>({ monotonicMs: () => nowMs }, { forMs: 1000, most }, (key) => {
    asked.push(key)
    const answer = Promise.withResolvers<string | null>()
    answers.set(key, answer)
    return answer.promise
  })
  return {
    get,
    asked,
    answer: (key: string, value: string | null) => answers.get(key)?.resolve(value),
    refuse: (key: string) => answers.get(key)?.reject(new Error('no')),
    pass: (ms: number) => void (nowMs += ms),
  }
}

test('many who want the same at once ask once', async () => {
  const { get, asked, answer } = build()
  const all = Promise.all([get('a'), get('a'), get('a')])
  answer('a', 'A')
  assert.deepEqual(await all, ['A', 'A', 'A'])
  assert.equal(await get('a'), 'A')
  assert.deepEqual(asked, ['a'])
})

test('an answer is as old as the question', async () => {
  const { get, asked, answer, pass } = build()
  const first = get('a')
  pass(900)
  answer('a', 'A')
  await first
  pass(99)
  await get('a')
  assert.deepEqual(asked, ['a'])
  pass(1)
  void get('a')
  assert.deepEqual(asked, ['a', 'a'])
})

test('what is not there, and what was refused, is asked for again', async () => {
  const { get, asked, answer, refuse } = build()
  const first = get('a')
  answer('a', null)
  assert.equal(await first, null)
  const second = get('a')
  refuse('a')
  await assert.rejects(second)
  void get('a')
  assert.equal(asked.length, 3)
})

test('what was not wanted for the longest time is forgotten first', async () => {
  const { get, asked, answer } = build(2)
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) {
    const wanted = get(key)
    answer(key, key)
    await wanted
  }
  assert.deepEqual(asked, ['a', 'b', 'c', 'b'])
})
