import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'

import { pathOf, qrCode } from '~/doors/qr-code.ts'

const drawn = (text: string) =>
  qrCode(text)?.map((row) => row.map((dark) => (dark ? '#' : '.')).join('')) ?? []

test('one letter is the smallest code, module by module', () => {
  expect(drawn('a')).toEqual([
    '#######..#.##.#######',
    '#.....#..###..#.....#',
    '#.###.#.##.##.#.###.#',
    '#.###.#..#.#..#.###.#',
    '#.###.#...#.#.#.###.#',
    '#.....#.....#.#.....#',
    '#######.#.#.#.#######',
    '........##.##........',
    '###.########.##...#..',
    '..#.##.#..#...#...##.',
    '....#.#####.#...#...#',
    '##.#.#...##...#...#..',
    '##..####....#.#.#.#.#',
    '........##.#.#.#.#.##',
    '#######.#..#.###.####',
    '#.....#.######.###...',
    '#.###.#.#.##.###.##.#',
    '#.###.#...#...#...##.',
    '#.###.#.##..#...#...#',
    '#.....#.##....#...##.',
    '#######.##..#.#.#.###',
  ])
})

test('larger codes have their patterns, blocks and version', () => {
  const known: readonly (readonly [string, number, string])[] = [
    [
      'otpauth://totp/Millrace:bo%40x.org?secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567&issuer=Millrace',
      37,
      '28715316d5c9cb90',
    ],
    ['x'.repeat(300), 61, 'd7800c87eac801b0'],
    ['é'.repeat(400), 97, 'fb638cd832bc22c1'],
  ]
  for (const [text, size, sum] of known) {
    const rows = drawn(text).map((row) => row.replaceAll('#', '1').replaceAll('.', '0'))
    expect(rows).toHaveLength(size)
    expect(createHash('sha256').update(rows.join('\n')).digest('hex').slice(0, 16)).toBe(sum)
  }
})

test('a text that no version holds has no code', () => {
  expect(qrCode('x'.repeat(2000))).toBeNull()
})

test('the picture is one path of the dark modules', () => {
  expect(
    pathOf([
      [true, false],
      [false, true],
    ]),
  ).toBe('M0 0h1v1h-1zM1 1h1v1h-1z')
})
