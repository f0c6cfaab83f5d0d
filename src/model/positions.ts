/**
 * A set of positions in a domain of known size: one byte each, iterated in ascending order. Positions
 * outside of the domain are ignored.
 */
export class Positions implements Iterable<number> {
  readonly #marks: Uint8Array

  constructor(domainSize: number) {
    this.#marks = new Uint8Array(domainSize)
  }

  has(position: number): boolean {
    return this.#marks[position] === 1
  }

  add(position: number): void {
    this.#marks[position] = 1
  }

  addFrom(first: number): void {
    this.#marks.fill(1, first)
  }

  addAll(other: Positions): void {
    for (const position of other) this.add(position)
  }

  /** True where no position is left to add. */
  isFull(): boolean {
    return !this.#marks.includes(0)
  }

  /** The lowest, or -1. */
  first(): number {
    return this.#marks.indexOf(1)
  }

  *[Symbol.iterator](): Generator<number> {
    for (let next = this.first(); next >= 0; next = this.#marks.indexOf(1, next + 1)) yield next
  }
}
