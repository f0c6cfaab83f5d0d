// Draws a text as QR code (ISO/IEC 18004): bytes, error correction L, versions 1 to 20, mask 0.

/** For versions 1 to 20: codewords of correction in each block, and blocks. */
const correction = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28]
const blockCounts = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8]

/** Into an `<svg>`; hides it where the text is too long for one. */
export function drawCode(svg, text) {
  const grid = codeOf(text)
  svg.toggleAttribute('hidden', grid === null)
  if (grid === null) return
  const path = grid
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  const drawn = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  drawn.setAttribute('d', path)
  drawn.setAttribute('fill', 'currentColor')
  svg.setAttribute('viewBox', `-2 -2 ${grid.length + 4} ${grid.length + 4}`)
  svg.setAttribute('shape-rendering', 'crispEdges')
  svg.replaceChildren(drawn)
}

/** Rows of modules, true for dark; null: too long. */
export function codeOf(text) {
  const bytes = new TextEncoder().encode(text)
  for (let version = 1; version <= correction.length; version++) {
    const blocks = blockCounts[version - 1]
    const words = Math.floor(modulesOf(version) / 8)
    const dataWords = words - correction[version - 1] * blocks
    const lengthBits = version < 10 ? 8 : 16
    if (4 + lengthBits + bytes.length * 8 > dataWords * 8) continue
    const data = dataOf(bytes, lengthBits, dataWords)
    return gridOf(version, interleaved(data, blocks, correction[version - 1], words))
  }
  return null
}

function modulesOf(version) {
  const aligned = version === 1 ? 0 : Math.floor(version / 7) + 2
  const alignment = version === 1 ? 0 : (25 * aligned - 10) * aligned - 55
  return (16 * version + 128) * version + 64 - alignment - (version < 7 ? 0 : 36)
}

/** Mode, length, bytes, end, then the two words that fill up. */
function dataOf(bytes, lengthBits, dataWords) {
  const bits = []
  const put = (value, count) => {
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
function interleaved(data, blocks, correctionWords, words) {
  const shortBlocks = blocks - (words % blocks)
  const shortLength = Math.floor(words / blocks) - correctionWords
  const generator = generatorOf(correctionWords)
  const parts = []
  for (let block = 0, at = 0; block < blocks; block++) {
    const length = shortLength + (block < shortBlocks ? 0 : 1)
    const part = data.slice(at, at + length)
    parts.push({ part, check: remainder(part, generator) })
    at += length
  }
  const out = []
  for (let at = 0; at <= shortLength; at++) {
    for (const { part } of parts) if (at < part.length) out.push(part[at])
  }
  for (let at = 0; at < correctionWords; at++) for (const { check } of parts) out.push(check[at])
  return out
}

/** In the field of 256 elements with the polynomial 0x11d. */
function times(a, b) {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}

function generatorOf(degree) {
  const generator = Array.from({ length: degree }, (_, at) => (at === degree - 1 ? 1 : 0))
  let root = 1
  for (let step = 0; step < degree; step++) {
    for (let at = 0; at < degree; at++) {
      generator[at] = times(generator[at], root) ^ (generator[at + 1] ?? 0)
    }
    root = times(root, 2)
  }
  return generator
}

function remainder(part, generator) {
  const rest = generator.map(() => 0)
  for (const word of part) {
    const factor = word ^ rest.shift()
    rest.push(0)
    for (const [at, by] of generator.entries()) rest[at] ^= times(by, factor)
  }
  return rest
}

function gridOf(version, words) {
  const size = version * 4 + 17
  const grid = Array.from({ length: size }, () => Array.from({ length: size }, () => null))
  const set = (x, y, dark) => {
    if (y >= 0 && y < size && x >= 0 && x < size) grid[y][x] = Boolean(dark)
  }
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0)
    set(at, 6, at % 2 === 0)
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ]) {
    around(x, y, 4, (distance) => ![2, 4].includes(distance), set)
  }
  const places = alignmentOf(version, size)
  const last = places.length - 1
  for (const [i, x] of places.entries()) {
    for (const [j, y] of places.entries()) {
      const isFinder = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0)
      if (!isFinder) around(x, y, 2, (distance) => distance !== 1, set)
    }
  }
  setFormat(size, set)
  setVersion(version, size, set)
  setWords(grid, words, size)
  return grid
}

function around(x, y, reach, isDark, set) {
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      set(x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))))
    }
  }
}

function alignmentOf(version, size) {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2
  const places = [6]
  for (let at = size - 7; places.length < count; at -= step) places.splice(1, 0, at)
  return places
}

/** Error correction L, mask 0. */
function setFormat(size, set) {
  let rest = 8
  for (let step = 0; step < 10; step++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
  const bits = ((8 << 10) | rest) ^ 0x5412
  const bit = (at) => (bits >>> at) & 1
  for (let at = 0; at <= 5; at++) set(8, at, bit(at))
  set(8, 7, bit(6))
  set(8, 8, bit(7))
  set(7, 8, bit(8))
  for (let at = 9; at < 15; at++) set(14 - at, 8, bit(at))
  for (let at = 0; at < 8; at++) set(size - 1 - at, 8, bit(at))
  for (let at = 8; at < 15; at++) set(8, size - 15 + at, bit(at))
  set(8, size - 8, true)
}

function setVersion(version, size, set) {
  if (version < 7) return
  let rest = version
  for (let step = 0; step < 12; step++) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25)
  const bits = (version << 12) | rest
  for (let at = 0; at < 18; at++) {
    const [a, b] = [size - 11 + (at % 3), Math.floor(at / 3)]
    set(a, b, (bits >>> at) & 1)
    set(b, a, (bits >>> at) & 1)
  }
}

/** In pairs of columns from the right, up and down by turns; every other module is turned round. */
function setWords(grid, words, size) {
  let at = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    const isUp = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step++) {
      const y = isUp ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (grid[y][x] !== null) continue
        const dark = at < words.length * 8 && (words[at >>> 3] >>> (7 - (at & 7))) & 1
        grid[y][x] = Boolean(dark) !== ((x + y) % 2 === 0)
        at++
      }
    }
  }
}
