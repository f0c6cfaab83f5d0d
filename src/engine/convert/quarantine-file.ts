import { closeSync, openSync, writeSync } from 'node:fs'

import type { JsonFault } from '#engine/convert/json-record.ts'

/** Why a row is held back. Stable: corrections and counts refer to them. */
export type Reason =
  | 'field-count'
  | 'quote-unclosed'
  | 'quote-stray'
  | 'record-too-long'
  | 'encoding'
  | JsonFault
  | 'key-count'
  /** By a fix: it is to stay out. */
  | 'dropped'
  | `${string}-unreadable`
  | `${string}-missing`

export interface HeldRow {
  /** Physical line of the file (decompressed), from 1. */
  readonly line: number
  /** Of the record's first byte in the file (decompressed). */
  readonly byteOffset: number
  readonly column: string | null
  /** The faulty text, where one field is at fault. */
  readonly value: string | null
  readonly reason: Reason
  /** The record as it stands, at most 64 KiB of it; bytes that are not UTF-8 read as U+FFFD. */
  readonly raw: string
}

export const RAW_BYTES_MAX = 1 << 16

const FLUSH_CHARS = 1 << 18

/** Gathers held-back rows as lines of JSON, which DuckDB turns into Parquet. */
export class QuarantineFile {
  readonly path: string
  readonly counts = new Map<string, number>()
  rows = 0
  first: HeldRow | null = null
  private pending = ''
  private fd: number | null = null

  constructor(path: string) {
    this.path = path
  }

  add(row: HeldRow): void {
    this.fd ??= openSync(this.path, 'w', 0o600)
    this.first ??= row
    this.rows++
    this.counts.set(row.reason, (this.counts.get(row.reason) ?? 0) + 1)
    const { line, byteOffset, column, value, reason, raw } = row
    this.pending += `${JSON.stringify({ line, byte_offset: byteOffset, column, value, reason, raw })}\n`
    if (this.pending.length > FLUSH_CHARS) this.flush()
  }

  close(): void {
    this.flush()
    if (this.fd !== null) closeSync(this.fd)
    this.fd = null
  }

  private flush(): void {
    if (this.fd !== null) writeSync(this.fd, this.pending)
    this.pending = ''
  }
}
