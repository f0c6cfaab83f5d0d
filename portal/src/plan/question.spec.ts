import { expect, test } from 'vitest'

import { planInput, reasonsOf, type Plan } from '~/plan/question.ts'

const task = (kind: string, text: string): Plan['tasks'][number] => ({
  kind: 'build',
  dataset: 'events',
  partition: '2021-04',
  state: 'stale',
  certainty: 'certain',
  deferred: false,
  causes: [{ kind, text }],
})

test('each mode is what the planner takes it for', () => {
  const question = { places: ['events@2021-04'] }
  expect(planInput(question, 'run', 'oldest')).toMatchObject({ ...question, mode: 'run' })
  expect(planInput(question, 'rerun', 'oldest')).not.toHaveProperty('downstream')
  expect(planInput(question, 'follow', 'newest')).toMatchObject({
    mode: 'rerun',
    downstream: true,
    order: 'newest',
  })
})

test('reasons are counted by kind, the most frequent first', () => {
  const tasks = [
    task('code', 'the code of events changed'),
    task('input', 'events 2021-04 changed 2021-04-17'),
    task('input', 'events 2021-05 changed 2021-05-01'),
  ]
  expect(reasonsOf(tasks)).toEqual([
    { kind: 'input', tasks: 2, text: 'events 2021-04 changed 2021-04-17, …' },
    { kind: 'code', tasks: 1, text: 'the code of events changed' },
  ])
})
