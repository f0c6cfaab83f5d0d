import type { Writable } from 'node:stream'

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const NO_WRAP = '\u001b[?7l'
const WRAP = '\u001b[?7h'
const CLEAR_BELOW = '\u001b[0J'

/** Lines at the end of a terminal that are drawn over again and again. */
export class LiveBlock {
  readonly #to: Writable
  #height = 0

  constructor(to: Writable) {
    this.#to = to
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}\u001b[K\n`).join('')
    this.#to.write(`${HIDE_CURSOR}${NO_WRAP}${this.#up()}${text}${CLEAR_BELOW}${WRAP}`)
    this.#height = lines.length
  }

  /** Takes the block away; what is written next stands in its place. */
  clear(): void {
    this.#to.write(`${this.#up()}${CLEAR_BELOW}${SHOW_CURSOR}`)
    this.#height = 0
  }

  #up(): string {
    return this.#height > 0 ? `\r\u001b[${this.#height}A` : ''
  }
}
