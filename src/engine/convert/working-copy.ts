import { closeSync, openSync, writeSync } from 'node:fs'

const NEWLINE = 10
const COMMA = 44
const PATCHES_MAX = 2000
const FLUSH_CHARS = 1 << 18

/** First byte of a filler; a good record that begins with it is rewritten. */
export const FILLER = 0x1e

/** Fillers are records of ordinary length: DuckDB 1.5 loses rows beside long runs of blank lines. */
const FILLER_BYTES = 4096

/**
 * The file that DuckDB reads in place of the original: the attempt's own copy, in which everything
 * but the good records is overwritten by fillers: records that begin with U+001E and have empty
 * fields, which the SELECT leaves out. A bad row costs a small write, not a copy of the whole file.
 * Good records that DuckDB would misread are written anew into a second file, without fillers.
 *
 * In a file whose lines end with CR LF, each CR becomes a comma: one more, empty field.
 */
export class WorkingCopy {
  readonly path: string
  readonly rewrittenPath: string
  /** Fields of every record, with the one that stands for CR. */
  readonly fieldCount: number
  hasRewritten = false
  hasFillers = false
  private readonly fd: number
  private rewrittenFd: number | null = null
  private pending = ''
  private patches: number[] = []
  private commas: number[] = []

  /** `path` must be the attempt's own: no link, and read by nobody else. */
  constructor(path: string, rewrittenPath: string, fieldCount: number) {
    this.path = path
    this.rewrittenPath = rewrittenPath
    this.fieldCount = fieldCount
    this.fd = openSync(path, 'r+')
  }

  /** Takes `[from, to)` of the window out; it must be whole lines. */
  remove(from: number, to: number): void {
    const last = this.patches.length - 1
    if (last > 0 && this.patches[last] === from) this.patches[last] = to
    else if (to > from) this.patches.push(from, to)
  }

  /** The CR at this place of the window becomes a comma. */
  replaceReturn(at: number): void {
    this.commas.push(at)
  }

  rewrite(record: string): void {
    this.hasRewritten = true
    this.rewrittenFd ??= openSync(this.rewrittenPath, 'w', 0o600)
    this.pending += record
    if (this.pending.length > FLUSH_CHARS) this.flushRewritten()
  }

  /** Writes the changes to the window, which begins at `base` in the file, and to the file. */
  flush(window: Buffer, base: number): void {
    const { patches, commas } = this
    for (const at of commas) window[at] = COMMA
    for (let i = 0; i < patches.length; i += 2) {
      this.fill(window, patches[i] as number, patches[i + 1] as number)
    }
    const many = commas.length > 0 || patches.length > PATCHES_MAX
    const ranges = many ? [minOf(commas, patches), maxOf(commas, patches)] : patches
    for (let i = 0; i < ranges.length; i += 2) {
      const from = ranges[i] as number
      writeFully(this.fd, window.subarray(from, ranges[i + 1]), base + from)
    }
    patches.length = 0
    commas.length = 0
  }

  private fill(window: Buffer, from: number, to: number): void {
    const least = this.fieldCount + 1
    for (let at = from; at < to;) {
      const rest = to - at
      // What is too short for a filler becomes blank lines, at most one for each field.
      if (rest < least) return void window.fill(NEWLINE, at, to)
      const size = rest < FILLER_BYTES + least ? rest : FILLER_BYTES
      const fields = at + size - this.fieldCount
      window.fill(FILLER, at, fields)
      window.fill(COMMA, fields, at + size - 1)
      window[at + size - 1] = NEWLINE
      this.hasFillers = true
      at += size
    }
  }

  close(): void {
    this.flushRewritten()
    closeSync(this.fd)
    if (this.rewrittenFd !== null) closeSync(this.rewrittenFd)
  }

  private flushRewritten(): void {
    if (this.rewrittenFd !== null && this.pending !== '') {
      writeFully(this.rewrittenFd, Buffer.from(this.pending), null)
    }
    this.pending = ''
  }
}

function writeFully(fd: number, bytes: Buffer, position: number | null): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(fd, bytes, at, bytes.length - at, position === null ? null : position + at)
  }
}

function minOf(commas: readonly number[], patches: readonly number[]): number {
  return patches.reduce((least, at) => Math.min(least, at), commas[0] ?? Infinity)
}

function maxOf(commas: readonly number[], patches: readonly number[]): number {
  return patches.reduce((most, at) => Math.max(most, at), (commas.at(-1) ?? -1) + 1)
}
