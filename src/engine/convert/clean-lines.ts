import { closeSync, openSync, writeSync } from 'node:fs'

const FLUSH_CHARS = 1 << 18

/** Rows for DuckDB: one flat object of texts a line (`f0`, `f1`, … by field); NULL is a key that is not there. */
export class CleanLines {
  readonly path: string
  hasRows = false
  private fd: number | null = null
  /** Bytes, one a character. */
  private pending = ''

  constructor(path: string) {
    this.path = path
  }

  /** `line`: bytes, one a character, without the line end. */
  add(line: string): void {
    this.hasRows = true
    this.pending += `${line}\n`
    if (this.pending.length > FLUSH_CHARS) this.flush()
  }

  /** There is a file then, with no line in it where no row came. */
  close(): void {
    this.flush()
    if (this.fd !== null) closeSync(this.fd)
    this.fd = null
  }

  private flush(): void {
    this.fd ??= openSync(this.path, 'w', 0o600)
    const bytes = Buffer.from(this.pending, 'latin1')
    for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at)
    this.pending = ''
  }
}

/** A text as its bytes in UTF-8, one a character. */
export function asBytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}
