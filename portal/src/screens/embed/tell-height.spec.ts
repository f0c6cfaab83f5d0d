import { expect, test } from 'vitest'

import { mayListen } from '~/screens/embed/tell-height.ts'

const around = {} as Window
const origins = ['https://app.example.com']
const greeting = {
  data: { type: 'millrace-hello' },
  origin: 'https://app.example.com',
  source: around,
}

test('only the page around, at an origin that may show the view, is told how high it is', () => {
  expect(mayListen(greeting, origins, around)).toBe(true)
  expect(mayListen({ ...greeting, origin: 'https://evil.example.com' }, origins, around)).toBe(
    false,
  )
  expect(mayListen({ ...greeting, origin: 'null' }, origins, around)).toBe(false)
  expect(mayListen({ ...greeting, source: {} as Window }, origins, around)).toBe(false)
  expect(mayListen({ ...greeting, data: 'millrace-hello' }, origins, around)).toBe(false)
  expect(mayListen({ ...greeting, data: null }, origins, around)).toBe(false)
})
