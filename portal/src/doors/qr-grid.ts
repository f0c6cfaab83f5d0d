type Set = (x: number, y: number, dark: boolean | number) => void

/** The modules of a version: patterns, format, version, and the words under mask 0. */
export function drawGrid(version: number, words: readonly number[]): boolean[][] {
  const size = version * 4 + 17
  const grid = Array.from({ length: size }, () =>
    Array.from<boolean | null>({ length: size }).fill(null),
  )
  const set: Set = (x, y, dark) => {
    const row = grid[y]
    if (row !== undefined && x >= 0 && x < size) row[x] = Boolean(dark)
  }
  for (let at = 0; at < size; at++) {
    set(6, at, at % 2 === 0)
    set(at, 6, at % 2 === 0)
  }
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const) {
    around(x, y, 4, (distance) => distance !== 2 && distance !== 4, set)
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
  return grid.map((row) => row.map((dark) => dark === true))
}

function around(
  x: number,
  y: number,
  reach: number,
  isDark: (distance: number) => boolean,
  set: Set,
): void {
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      set(x + dx, y + dy, isDark(Math.max(Math.abs(dx), Math.abs(dy))))
    }
  }
}

function alignmentOf(version: number, size: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.floor((version * 8 + count * 3 + 5) / (count * 4 - 4)) * 2
  const places = [6]
  for (let at = size - 7; places.length < count; at -= step) places.splice(1, 0, at)
  return places
}

/** Error correction L, mask 0. */
function setFormat(size: number, set: Set): void {
  let rest = 8
  for (let step = 0; step < 10; step++) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
  const bits = ((8 << 10) | rest) ^ 0x5412
  const bit = (at: number) => (bits >>> at) & 1
  for (let at = 0; at <= 5; at++) set(8, at, bit(at))
  set(8, 7, bit(6))
  set(8, 8, bit(7))
  set(7, 8, bit(8))
  for (let at = 9; at < 15; at++) set(14 - at, 8, bit(at))
  for (let at = 0; at < 8; at++) set(size - 1 - at, 8, bit(at))
  for (let at = 8; at < 15; at++) set(8, size - 15 + at, bit(at))
  set(8, size - 8, true)
}

function setVersion(version: number, size: number, set: Set): void {
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
function setWords(grid: (boolean | null)[][], words: readonly number[], size: number): void {
  let at = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    const isUp = ((right + 1) & 2) === 0
    for (let step = 0; step < size; step++) {
      const y = isUp ? size - 1 - step : step
      const row = grid[y] ?? []
      for (const x of [right, right - 1]) {
        if (row[x] !== null) continue
        const dark = ((words[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1
        row[x] = Boolean(dark) !== ((x + y) % 2 === 0)
        at++
      }
    }
  }
}
