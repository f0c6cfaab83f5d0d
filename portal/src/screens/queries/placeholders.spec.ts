import { expect, test } from 'vitest'

import { inserted, placeholdersIn, sqlName, typedValue } from '~/screens/queries/placeholders.ts'

test('parameters are found, and not what only looks like them', () => {
  const sql = `-- $no
SELECT '$no', "$no", $a, x > $B AND y < $a /* $no */`
  expect(placeholdersIn(sql)).toEqual(['a', 'b'])
  expect(placeholdersIn("SELECT 'it''s $5' || $five")).toEqual(['five'])
})

test('a name is put where the cursor is', () => {
  expect(inserted('SELECT  FROM x', { from: 7, to: 7 }, 'a')).toEqual({
    text: 'SELECT a FROM x',
    at: 8,
  })
  expect(inserted('SELECT b', { from: 7, to: 8 }, 'a').text).toBe('SELECT a')
  expect(inserted('SELECT', { from: 6, to: 6 }, 'a').text).toBe('SELECT a')
})

test('names that are no plain words are quoted, and an empty value is none', () => {
  expect(sqlName('top_users')).toBe('top_users')
  expect(sqlName('top-users "x"')).toBe('"top-users ""x"""')
  expect(typedValue('integer', '')).toEqual({ type: 'integer', value: null })
})
