import type { Manifest } from '#archive/manifest.ts'
import { readArchive, type ReadOptions } from '#archive/read-archive.ts'
import { readRows } from '#archive/read-rows.ts'
import { MillraceError } from '#kernel/errors.ts'

/**
 * Reads an archive to its end and compares everything with its manifest; needs no deployment. Throws
 * `archive-damaged`, `archive-foreign`, `archive-unreadable`.
 */
export async function verifyArchive(path: string, options: ReadOptions = {}): Promise<Manifest> {
  return readArchive(
    path,
    async (manifest) => {
      const rowsOf = new Map(
        manifest.tables.map((table) => [`catalog/${table.name}.ndjson`, table]),
      )
      return async (entry, body) => {
        const table = rowsOf.get(entry.path)
        if (!table) return
        let rows = 0
        for await (const lines of readRows(entry.path, body)) rows += lines.length
        if (rows === table.rows) return
        const problem = `has ${rows} rows, the manifest says ${table.rows}`
        throw new MillraceError('archive-damaged', { entry: entry.path, problem })
      }
    },
    options,
  )
}
