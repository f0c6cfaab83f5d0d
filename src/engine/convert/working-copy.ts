import { closeSync, openSync, writeSync } from 'node:fs'

const NEWLINE = 10
const PATCHES_MAX = 2000
const FLUSH_CHARS = 1 << 18

/**
 * The file that DuckDB reads in place of the original: the attempt's own copy, in which everything
 * but the good records is overwritten by line ends, which are blank lines and read as nothing. A
 * bad row costs a small write, not a copy of the whole file. Good records that DuckDB would misread
 * are written anew into a second file.
 */
export class WorkingCopy {
  readonly path: string
  readonly rewrittenPath: string
  hasRewritten = false
  private readonly fd: number
  private rewrittenFd: number | null = null
  private pending = ''
  private patches: number[] = []

  /** `path` must be the attempt's own: no link, and read by nobody else. */
  constructor(path: string, rewrittenPath: string) {
    this.path = path
    this.rewrittenPath = rewrittenPath
    this.fd = openSync(path, 'r+')
  }

  /** Blanks `[from, to)` of the window at once, and of the file with the next `flush`. */
  blank(window: Buffer, from: number, to: number): void {
    window.fill(NEWLINE, from, to)
    const last = this.patches.length - 1
    if (last > 0 && this.patches[last] === from) this.patches[last] = to
    else this.patches.push(from, to)
  }

  rewrite(record: string): void {
    this.hasRewritten = true
    this.rewrittenFd ??= openSync(this.rewrittenPath, 'w', 0o600)
    this.pending += record
    if (this.pending.length > FLUSH_CHARS) this.flushRewritten()
  }

  /** Writes the window's patches to the file; the window begins there at `base`. */
  flush(window: Buffer, base: number): void {
    const { patches } = this
    if (patches.length > PATCHES_MAX) patches.splice(1, patches.length - 2)
    for (let i = 0; i < patches.length; i += 2) {
      const from = patches[i] as number
      writeFully(this.fd, window.subarray(from, patches[i + 1]), base + from)
    }
    patches.length = 0
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
