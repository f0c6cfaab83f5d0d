import { closeSync, openSync, writeSync } from 'node:fs'

import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'
import { finishFile } from '#engine/staging.ts'
import type { StagedFile } from '#model/outcome.ts'

/** A row of a request that is held back, and where in the request it stood. */
export interface HeldRow {
  /** Line of NDJSON and CSV, place in a list of JSON; from 1. */
  readonly line: number
  /** Of its first byte in the body as it was before it was compressed. */
  readonly byteOffset: number
  readonly column: string | null
  readonly value: string | null
  readonly reason: string
  readonly raw: string
  /** Of CSV: the names of its fields, so that it can be told into them again. Null: it is JSON. */
  readonly header: readonly string[] | null
}

/** Why a row cannot be one. */
export type RowVerdict = Pick<HeldRow, 'column' | 'value' | 'reason'>

const FLUSH_CHARS = 1 << 18

/** Gathers the rows of many requests that are held back; each names the acknowledgement of its own. */
export class HeldRows {
  readonly counts = new Map<string, number>()
  rows = 0
  private readonly path: string
  private pending = ''
  private fd: number | null = null

  constructor(path: string) {
    this.path = path
  }

  add(acknowledgement: string, row: HeldRow): void {
    this.fd ??= openSync(this.path, 'w', 0o600)
    this.rows++
    this.counts.set(row.reason, (this.counts.get(row.reason) ?? 0) + 1)
    const { line, byteOffset, column, value, reason, raw } = row
    const header = row.header && JSON.stringify(row.header)
    this.pending += `${JSON.stringify({ file: acknowledgement, line, byte_offset: byteOffset, column, value, reason, raw, header })}\n`
    if (this.pending.length > FLUSH_CHARS) this.flush()
  }

  close(): void {
    this.flush()
    if (this.fd !== null) closeSync(this.fd)
    this.fd = null
  }

  /** As the quarantine of any source is written, after the rows of former ones; null where there is none. */
  async write(
    session: Session,
    path: string,
    formerPaths: readonly string[],
  ): Promise<StagedFile | null> {
    const selects = formerPaths.map((former) => `FROM read_parquet(${literal(former)})`)
    if (this.rows > 0) selects.push(this.select())
    if (selects.length === 0) return null
    const rows = await session.copy(
      `COPY (${selects.join(' UNION ALL BY NAME ')}) TO ${literal(`${path}.part`)} (FORMAT parquet, COMPRESSION zstd)`,
    )
    return finishFile(`${path}.part`, path, rows)
  }

  private select(): string {
    return `FROM read_json(${literal(this.path)}, format = 'newline_delimited', columns = {file: 'VARCHAR', line: 'BIGINT', byte_offset: 'BIGINT', "column": 'VARCHAR', value: 'VARCHAR', reason: 'VARCHAR', raw: 'VARCHAR', header: 'VARCHAR'})`
  }

  private flush(): void {
    if (this.fd !== null) writeSync(this.fd, this.pending)
    this.pending = ''
  }
}
