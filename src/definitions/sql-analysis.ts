import { readFile } from 'node:fs/promises'

import type { AnalysisDraft } from '#definitions/analysis-draft.ts'
import type { CodeVersions, KnownCode } from '#definitions/code-versions.ts'
import { definitionError } from '#definitions/definition-error.ts'
import type { SerializeSql } from '#definitions/duckdb-parser.ts'
import type { DefinitionFile } from '#definitions/source.ts'
import { readSqlHeader, type SqlHeader } from '#definitions/sql-header.ts'
import { parseAnalysisSql, parseExpression } from '#definitions/sql-rules.ts'
import { spansOf, statementOf } from '#definitions/sql-text.ts'
import { withoutLocations } from '#definitions/sql-tree.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { Check } from '#model/definition.ts'

interface Deps {
  readonly serializeSql: SerializeSql
  readonly codeVersions: CodeVersions
}

/** A `.sql` file: its header, and one SELECT that is held to the rules of sql-rules.ts. */
export async function readSqlAnalysis(
  { pack, name, file, path }: DefinitionFile,
  deps: Deps,
): Promise<AnalysisDraft> {
  const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
  const header = readSqlHeader(text, file)
  const statement = statementOf(text)
  if (statement === '') {
    throw definitionError({ file }, 'the file holds no SQL', 'Write one SELECT below the header.')
  }
  const { codeVersion, reads } = await textVersionOf(text, statement, header, file, deps)
  return {
    kind: 'analysis',
    pack,
    name,
    file,
    description: header.description,
    partitioning: header.partitioning,
    checks: header.checks.map(({ line: _line, ...check }): Check => check),
    language: 'sql',
    text: statement,
    ...(header.order !== undefined && { order: header.order }),
    ...(header.freshnessMs !== undefined && { freshnessMs: header.freshnessMs }),
    volatile: header.volatile,
    columns: header.columns,
    textVersion: codeVersion,
    reads,
    named: header.mappings,
    placeOf: (dataset) => ({ file, line: lineOfWord(statement, dataset) }),
  }
}

async function textVersionOf(
  text: string,
  statement: string,
  header: SqlHeader,
  file: string,
  deps: Deps,
): Promise<KnownCode> {
  const textSha256 = sha256(text)
  const known = await deps.codeVersions.get(textSha256)
  if (known) return known
  const { serializeSql } = deps
  const parsed = await parseAnalysisSql(statement, {
    place: { file, line: 1 },
    volatile: header.volatile,
    serializeSql,
  })
  for (const check of header.checks) {
    if (!('expression' in check)) continue
    await parseExpression(check.expression, { place: { file, line: check.line }, serializeSql })
  }
  const fresh = {
    codeVersion: sha256(canonicalJson(withoutLocations(parsed.tree))),
    reads: parsed.reads,
  }
  await deps.codeVersions.put(textSha256, fresh)
  return fresh
}

function lineOfWord(statement: string, word: string): number {
  const pattern = new RegExp(`\\b${word.replace(/\W/g, '\\$&')}\\b`, 'i')
  for (const span of spansOf(statement)) {
    if (span.kind === 'comment') continue
    const found = pattern.exec(statement.slice(span.start, span.end))
    if (found) return statement.slice(0, span.start + found.index).split('\n').length
  }
  return 1
}
