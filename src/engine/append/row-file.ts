import { closeSync, openSync, writeSync } from 'node:fs'

import type { PartitionKey } from '#model/partition-key.ts'
import { identifier, literal } from '#engine/sql-text.ts'

const FLUSH_CHARS = 1 << 20

/** Good rows of requests as the engine reads them: CSV in which a field without quotes is no value. */
export class RowFile {
  readonly path: string
  readonly partitions = new Set<PartitionKey>()
  rows = 0
  repaired = 0
  private pending = ''
  private readonly fd: number

  constructor(path: string) {
    this.path = path
    this.fd = openSync(path, 'w', 0o600)
  }

  /** `request`: place of the request among those of the job. */
  add(
    partition: PartitionKey,
    request: number,
    isRepaired: boolean,
    texts: readonly (string | null)[],
  ): void {
    this.rows++
    if (isRepaired) this.repaired++
    this.partitions.add(partition)
    let line = `"${partition}","${2 * request + Number(isRepaired)}"`
    for (const text of texts) {
      if (text === null) line += ','
      else line += `,"${text.includes('"') ? text.replaceAll('"', '""') : text}"`
    }
    this.pending += `${line}\n`
    if (this.pending.length > FLUSH_CHARS) this.flush()
  }

  close(): void {
    this.flush()
    closeSync(this.fd)
  }

  /**
   * SELECT of all fields as text, under these names; `_partition` and `_request` first. The latter is
   * twice the place of the request, and one more for rows that were repaired.
   */
  select(names: readonly string[]): string {
    const fields = ['_partition', '_request', ...names]
    const columns = fields.map((_name, at) => `${literal(`f${at}`)}: 'VARCHAR'`)
    const renamed = fields.map((name, at) => `f${at} AS ${identifier(name)}`)
    return `SELECT ${renamed.join(', ')} FROM read_csv(${literal(this.path)}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', strict_mode = true, nullstr = '', allow_quoted_nulls = false, max_line_size = 4194304, columns = {${columns.join(', ')}})`
  }

  private flush(): void {
    writeSync(this.fd, this.pending)
    this.pending = ''
  }
}
