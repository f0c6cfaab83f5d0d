import { expect, test } from 'vitest'

import { deviceOf } from '~/doors/device.ts'

test('browsers that call themselves by each other are told apart', () => {
  const chrome =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36'
  expect(deviceOf(chrome)).toEqual({ browser: 'Chrome', system: 'Linux', isPhone: false })
  expect(deviceOf(`${chrome} Edg/143.0`)?.browser).toBe('Edge')
  const phone =
    'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Mobile Safari/537.36'
  expect(deviceOf(phone)).toEqual({ browser: 'Chrome', system: 'Android', isPhone: true })
})

test('a program is no browser', () => {
  expect(deviceOf('curl/8.5.0')).toBeNull()
})
