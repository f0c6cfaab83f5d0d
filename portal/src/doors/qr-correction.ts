/** Words of correction (Reed and Solomon) for words of data. */
export function correctionOf(data: readonly number[], count: number): number[] {
  const generator = generatorOf(count)
  const rest = generator.map((): number => 0)
  for (const word of data) {
    const factor = word ^ (rest.shift() ?? 0)
    rest.push(0)
    for (const [at, by] of generator.entries()) rest[at] = (rest[at] ?? 0) ^ times(by, factor)
  }
  return rest
}

function generatorOf(degree: number): number[] {
  const generator = Array.from<unknown, number>({ length: degree }, (_, at) =>
    at === degree - 1 ? 1 : 0,
  )
  let root = 1
  for (let step = 0; step < degree; step++) {
    for (const [at, factor] of generator.entries()) {
      generator[at] = times(factor, root) ^ (generator[at + 1] ?? 0)
    }
    root = times(root, 2)
  }
  return generator
}

/** In the field of 256 elements with the polynomial 0x11d. */
function times(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((b >>> bit) & 1) * a
  }
  return product
}
