import { expect, test } from 'vitest'

import { givenOf, isWhole, problemOf, type Parameter } from '~/rows/parameter.ts'

const parameter = (more: Partial<Parameter>): Parameter => ({
  name: 'p',
  type: 'text',
  description: '',
  default: null,
  choices: null,
  min: null,
  max: null,
  ...more,
})

test('a value is judged by its type, its bounds and its choices', () => {
  expect(problemOf(parameter({}), '')).toBe('needed')
  expect(problemOf(parameter({ default: 'x' }), '')).toBeNull()
  expect(problemOf(parameter({ type: 'integer' }), '1.5')).toBe('whole')
  expect(problemOf(parameter({ type: 'integer', min: '2' }), '10')).toBeNull()
  expect(problemOf(parameter({ type: 'integer', max: '2' }), '10')).toBe('most')
  expect(problemOf(parameter({ type: 'decimal(18,2)' }), '1.50')).toBeNull()
  expect(problemOf(parameter({ type: 'date' }), '2021-4-1')).toBe('date')
  expect(problemOf(parameter({ type: 'period' }), 'latest')).toBeNull()
  expect(problemOf(parameter({ type: 'period', min: '2021-01' }), 'latest')).toBeNull()
  expect(problemOf(parameter({ type: 'period' }), 'April')).toBe('period')
  expect(problemOf(parameter({ choices: ['a', 'b'] }), 'c')).toBe('choice')
})

test('what is empty is left to the server', () => {
  const all = [parameter({ name: 'a', default: '1' }), parameter({ name: 'b' })]
  expect(givenOf(all, { a: '', b: 'x', gone: 'y' })).toEqual({ b: 'x' })
  expect(isWhole(all, { b: 'x' })).toBe(true)
  expect(isWhole(all, { a: '2' })).toBe(false)
})
