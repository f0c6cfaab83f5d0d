import { expect, test } from 'vitest'

import { logoProblem, LOGO_BYTES_MAX, toDataAddress } from '~/screens/settings/logo-file.ts'

test('pictures of a few kinds and up to 100 KiB can be a logo', () => {
  expect(logoProblem({ type: 'image/png', size: LOGO_BYTES_MAX })).toBeNull()
  expect(logoProblem({ type: 'image/png', size: LOGO_BYTES_MAX + 1 })).toBe('size')
  expect(logoProblem({ type: 'image/gif', size: 10 })).toBe('kind')
  expect(logoProblem({ type: '', size: 10 })).toBe('kind')
})

test('a picture becomes a data address, byte for byte', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at)
  const address = await toDataAddress(new Blob([bytes], { type: 'image/webp' }))
  expect(address.startsWith('data:image/webp;base64,')).toBe(true)
  expect(Uint8Array.from(atob(address.split(',')[1] ?? ''), (char) => char.charCodeAt(0))).toEqual(
    bytes,
  )
})
