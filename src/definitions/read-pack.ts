import type { CodeVersions } from '#definitions/code-versions.ts'
import type { SerializeSql } from '#definitions/duckdb-parser.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Pack } from '#model/definition.ts'

export interface ReadPackDeps {
  /** DuckDB's own parser (see {@link openDuckdbParser}); may run in another process. */
  readonly serializeSql: SerializeSql
  readonly codeVersions: CodeVersions
}

/**
 * Reads the pack in `folder` (pack.ts, sources/*.ts, analyses/*.sql and *.ts): every definition is
 * parsed, checked against the others and given its code version; inputs come before what reads them.
 * Throws a MillraceError of kind `definition` that names file, line, value and the way out.
 */
export async function readPack(folder: string, deps: ReadPackDeps): Promise<Pack> {
  void deps
  throw new MillraceError('internal', { message: `reading ${folder} is not written yet` })
}
