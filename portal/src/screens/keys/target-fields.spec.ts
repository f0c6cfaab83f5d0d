import { expect, test } from 'vitest'

import { placeOf } from '~/screens/keys/target-fields.ts'

test('a place is told as far as it may be shown', () => {
  const s3 = { location: 's3://b/{date}', endpoint: 'https://s3.example', secretAccessKey: '••••' }
  expect(placeOf({ kind: 's3', options: s3 })).toBe('s3://b/{date} · https://s3.example')
  expect(placeOf({ kind: 'webhook', options: { url: 'https://x.org/in' } })).toBe(
    'https://x.org/in',
  )
  expect(placeOf({ kind: 'postgres', options: { databaseUrl: '••••', schema: 'out' } })).toBe(
    '•••• · out',
  )
})
