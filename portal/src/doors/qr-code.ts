// A text as QR code (ISO/IEC 18004): bytes, error correction L, versions 1 to 20, mask 0.

import { correctionOf } from '~/doors/qr-correction.ts'
import { drawGrid } from '~/doors/qr-grid.ts'

/** For versions 1 to 20: codewords of correction in each block, and blocks. */
const correction = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28]
const blockCounts = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8]

/** Rows of modules, true for dark; null: too long. */
export function qrCode(text: string): boolean[][] | null {
  const bytes = new TextEncoder().encode(text)
  for (const [at, check] of correction.entries()) {
    const version = at + 1
    const blocks = blockCounts[at] ?? 1
    const words = Math.floor(modulesOf(version) / 8)
    const dataWords = words - check * blocks
    const lengthBits = version < 10 ? 8 : 16
    if (4 + lengthBits + bytes.length * 8 > dataWords * 8) continue
    const data = dataOf(bytes, lengthBits, dataWords)
    return drawGrid(version, interleaved(data, blocks, check, words))
  }
  return null
}

/** The dark modules as one path of an SVG. */
export function pathOf(grid: readonly (readonly boolean[])[]): string {
  return grid.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
}

function modulesOf(version: number): number {
  const aligned = version === 1 ? 0 : Math.floor(version / 7) + 2
  const alignment = version === 1 ? 0 : (25 * aligned - 10) * aligned - 55
  return (16 * version + 128) * version + 64 - alignment - (version < 7 ? 0 : 36)
}

/** Mode, length, bytes, end, then the two words that fill up. */
function dataOf(bytes: Uint8Array, lengthBits: number, dataWords: number): number[] {
  const bits: number[] = []
  const put = (value: number, count: number) => {
    for (let at = count - 1; at >= 0; at--) bits.push((value >>> at) & 1)
  }
  put(4, 4)
  put(bytes.length, lengthBits)
  for (const byte of bytes) put(byte, 8)
  put(0, Math.min(4, dataWords * 8 - bits.length))
  while (bits.length % 8 !== 0) bits.push(0)
  for (let word = 0xec; bits.length < dataWords * 8; word ^= 0xec ^ 0x11) put(word, 8)
  return Array.from({ length: dataWords }, (_, at) =>
    Number.parseInt(bits.slice(at * 8, at * 8 + 8).join(''), 2),
  )
}

/** The words of all blocks by turns, then their correction by turns. */
function interleaved(data: number[], blocks: number, check: number, words: number): number[] {
  const shortBlocks = blocks - (words % blocks)
  const shortLength = Math.floor(words / blocks) - check
  const parts: { readonly part: number[]; readonly check: number[] }[] = []
  for (let block = 0, at = 0; block < blocks; block++) {
    const length = shortLength + (block < shortBlocks ? 0 : 1)
    const part = data.slice(at, at + length)
    parts.push({ part, check: correctionOf(part, check) })
    at += length
  }
  const byTurns = (lists: number[][], length: number) =>
    Array.from({ length }, (_, at) => lists.flatMap((list) => list.slice(at, at + 1))).flat()
  return [
    ...byTurns(
      parts.map(({ part }) => part),
      shortLength + 1,
    ),
    ...byTurns(
      parts.map((one) => one.check),
      check,
    ),
  ]
}
