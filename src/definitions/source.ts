import type { z } from 'zod'

import { appendRule } from '#definitions/append-rule.ts'
import { cutIdentity } from '#definitions/code-version.ts'
import type { CodeVersions } from '#definitions/code-versions.ts'
import { definitionError } from '#definitions/definition-error.ts'
import { parseDeclaration, referenceSchema, sourceSchema } from '#definitions/declaration-schema.ts'
import type { SerializeSql } from '#definitions/duckdb-parser.ts'
import { parseCheck, parseFreshness } from '#definitions/notation.ts'
import { parsePartitioning } from '#definitions/partition-notation.ts'
import { parseExpression } from '#definitions/sql-rules.ts'
import { statementOf } from '#definitions/sql-text.ts'
import { withoutLocations } from '#definitions/sql-tree.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { Column } from '#model/column.ts'
import type { Check, Partitioning, SourceDefinition } from '#model/definition.ts'
import { grains } from '#model/partition-key.ts'

export interface DefinitionFile {
  readonly pack: string
  readonly name: string
  /** Relative to the pack's folder. */
  readonly file: string
  /** Absolute. */
  readonly path: string
}

type Declaration = z.output<typeof sourceSchema> & { readonly isReference: boolean }

/** A declared source or reference table, checked, with its code version. */
export async function readSource(
  { pack, name, file }: DefinitionFile,
  declared: unknown,
  deps: { readonly serializeSql: SerializeSql; readonly codeVersions: CodeVersions },
): Promise<SourceDefinition> {
  const declaration = normalise(declared, file)
  const { format } = declaration
  const columns = columnsOf(declaration.columns)
  const derived = Object.entries(declaration.derived ?? {}).map(
    ([column, { sql, ...meaning }]) => ({
      name: column,
      ...meaning,
      expression: statementOf(sql),
    }),
  )
  const checks = (declaration.checks ?? []).map((check) => parseCheck(check, { file }))
  refuseOddities(file, [...columns, ...(derived as Column[])], checks, declaration.observes)
  const definition = {
    kind: 'source' as const,
    pack,
    name,
    file,
    description: declaration.description,
    partitioning: sourceCut(declaration.partition, file),
    checks,
    format: typeof format === 'string' ? { kind: format } : format,
    columns,
    derived: derived as SourceDefinition['derived'],
    ...(declaration.observes && {
      observes: { column: declaration.observes.column, grain: declaration.observes.by },
    }),
    ...(declaration.location !== undefined && { location: declaration.location }),
    ...(declaration.append && { append: appendRule(declaration, checks, file) }),
    ...(declaration.freshness !== undefined && {
      freshnessMs: parseFreshness(declaration.freshness, { file }),
    }),
    reference: declaration.isReference,
  }
  return { ...definition, codeVersion: await codeVersionOf(definition, deps) }
}

/** A reference table is a source that is not cut. */
function normalise(declared: unknown, file: string): Declaration {
  const kind =
    typeof declared === 'object' && declared !== null && 'kind' in declared && declared.kind
  if (kind !== 'reference') {
    const source = parseDeclaration(sourceSchema, withFormat(declared), file, 'defineSource({ … })')
    return { ...source, isReference: false }
  }
  const reference = parseDeclaration(referenceSchema, declared, file, 'defineReference({ … })')
  return { ...reference, kind: 'source', format: 'csv', partition: 'none', isReference: true }
}

/** Whoever sends rows says in which format they are. */
function withFormat(declared: unknown): unknown {
  const isSentTo = typeof declared === 'object' && declared !== null && 'append' in declared
  return isSentTo ? { format: 'csv', ...declared } : declared
}

/** Objects of a source have a period and a key; shards are for what is computed. */
function sourceCut(declared: string, file: string): Partitioning {
  const cut = parsePartitioning(declared, { file })
  if (!cut.shards) return cut
  throw definitionError(
    { file },
    `partition: "${declared}" cuts a source into shards`,
    'Leave the shards out; an analysis of it that is sharded takes its rows by their hash.',
  )
}

function columnsOf(declared: Readonly<Record<string, object>>): readonly Column[] {
  return Object.entries(declared).map(([name, column]) => ({ name, ...column }) as Column)
}

function refuseOddities(
  file: string,
  columns: readonly Column[],
  checks: readonly Check[],
  observes: { readonly column: string; readonly by: string } | undefined,
): void {
  const seen = new Set<string>()
  for (const { name } of columns) {
    if (seen.has(name.toLowerCase())) {
      throw definitionError(
        { file },
        `column "${name}" is there twice`,
        'Names differ in more than case.',
      )
    }
    seen.add(name.toLowerCase())
  }
  if (seen.size === 0)
    throw definitionError({ file }, 'the source has no columns', 'Declare at least one.')
  if (new Set(checks.map((check) => check.name)).size < checks.length) {
    throw definitionError(
      { file },
      'two checks have the same name',
      'Give each check its own name.',
    )
  }
  for (const check of checks) {
    const unknown =
      'columns' in check && check.columns.find((name) => !seen.has(name.toLowerCase()))
    if (unknown) {
      throw definitionError(
        { file },
        `check ${check.name}: the source has no column "${unknown}"`,
        `Its columns are ${columns.map(({ name }) => name).join(', ')}.`,
      )
    }
  }
  if (!observes) return
  const column = columns.find(({ name }) => name === observes.column)
  if ((column?.type !== 'timestamp' && column?.type !== 'date') || observes.by === grains[0]) {
    throw definitionError(
      { file },
      `observes: ${observes.column} by ${observes.by} is not a time and its grain`,
      'Name a column of type timestamp or date, and year, month, day or hour.',
    )
  }
}

/**
 * What decides the rows: names, types and parsing of the columns, the trees of derived columns,
 * format, cut and observed periods. Not the location (the object's own hash tells its data), not
 * what columns mean to people, not the checks.
 */
async function codeVersionOf(
  definition: Omit<SourceDefinition, 'codeVersion'>,
  deps: { readonly serializeSql: SerializeSql; readonly codeVersions: CodeVersions },
): Promise<string> {
  const textSha256 = sha256(canonicalJson(definition))
  const known = await deps.codeVersions.get(textSha256)
  if (known) return known.codeVersion
  const { serializeSql } = deps
  const place = { file: definition.file }
  for (const check of definition.checks) {
    if ('expression' in check) await parseExpression(check.expression, { place, serializeSql })
  }
  const derived = await Promise.all(
    definition.derived.map(async ({ name, type, expression }) => ({
      name,
      type,
      tree: withoutLocations(await parseExpression(expression, { place, serializeSql })),
    })),
  )
  const codeVersion = sha256(
    canonicalJson({
      kind: 'source',
      format: definition.format,
      ...cutIdentity(definition.partitioning),
      reference: definition.reference,
      observes: definition.observes ?? null,
      ...(definition.append && { append: definition.append.by }),
      columns: definition.columns.map(({ name, type, parse, optional }) => ({
        name,
        type,
        parse: parse ?? null,
        optional: optional ?? true,
      })),
      derived,
    }),
  )
  await deps.codeVersions.put(textSha256, { codeVersion, reads: [] })
  return codeVersion
}
