import { expect, test } from 'vitest'

import {
  fileDraft,
  formatOfTarget,
  isKeyMissing,
  targetDraftOf,
  targetInput,
} from '~/sending/target-draft.ts'

test('a place goes through the form unchanged', () => {
  const upsert = { table: 'days', mode: 'upsert', key: ['day'], removeOthers: true }
  const warehouse = { target: 'postgres', targetName: 'warehouse', targetOptions: upsert }
  expect(targetInput(targetDraftOf(warehouse))).toEqual({
    target: 'warehouse',
    targetOptions: upsert,
  })
  const bucket = { target: 's3', targetName: 'archive', targetOptions: { location: '{date}.csv' } }
  expect(targetInput(targetDraftOf(bucket))).toEqual({
    target: 'archive',
    targetOptions: { location: '{date}.csv' },
  })
  const file = { target: 'file', targetName: null, targetOptions: {} }
  expect(targetInput(targetDraftOf(file))).toEqual({})
})

test('a key is asked for where rows are told apart by one', () => {
  const draft = { ...fileDraft, target: 'warehouse', kind: 'postgres' }
  expect(isKeyMissing(draft)).toBe(false)
  expect(isKeyMissing({ ...draft, mode: 'upsert' })).toBe(true)
  expect(isKeyMissing({ ...draft, mode: 'upsert', key: ['day'] })).toBe(false)
  expect(formatOfTarget(draft)).toBe('ndjson')
})
