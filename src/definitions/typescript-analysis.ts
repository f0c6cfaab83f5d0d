import type { AnalysisDraft } from '#definitions/analysis-draft.ts'
import type { CodeVersions } from '#definitions/code-versions.ts'
import { analysisSchema, parseDeclaration } from '#definitions/declaration-schema.ts'
import type { SerializeSql } from '#definitions/duckdb-parser.ts'
import { parseCheck, parseMapping, parseFreshness, parseOrder } from '#definitions/notation.ts'
import { bundleModule } from '#definitions/pack-modules.ts'
import { parsePartitioning } from '#definitions/partition-notation.ts'
import type { DefinitionFile } from '#definitions/source.ts'
import { parseExpression } from '#definitions/sql-rules.ts'
import { sha256 } from '#kernel/hash.ts'

/** A `.ts` analysis: its declaration is read here, its `run` is called in an engine child only. */
export async function readTypescriptAnalysis(
  { pack, name, file, path }: DefinitionFile,
  deps: { readonly serializeSql: SerializeSql; readonly codeVersions: CodeVersions },
): Promise<AnalysisDraft> {
  const place = { file }
  const bundle = await bundleModule(path, file)
  const declared = parseDeclaration(
    analysisSchema,
    bundle.declaration,
    file,
    'defineAnalysis({ … })',
  )
  const checks = (declared.checks ?? []).map((check) => parseCheck(check, place))
  const inputs = Object.entries(declared.inputs)
  let known = await deps.codeVersions.get(bundle.sourcesSha256)
  if (!known) {
    for (const check of checks) {
      if (!('expression' in check)) continue
      await parseExpression(check.expression, { place, serializeSql: deps.serializeSql })
    }
    known = {
      codeVersion: sha256(bundle.code),
      reads: inputs.map(([dataset]) => dataset.toLowerCase()),
    }
    await deps.codeVersions.put(bundle.sourcesSha256, known)
  }
  return {
    kind: 'analysis',
    pack,
    name,
    file,
    description: declared.description,
    partitioning: parsePartitioning(declared.partition, place),
    checks,
    language: 'typescript',
    text: bundle.code,
    ...(declared.order !== undefined && { order: parseOrder(declared.order, place) }),
    ...(declared.freshness !== undefined && {
      freshnessMs: parseFreshness(declared.freshness, place),
    }),
    volatile: declared.volatile ?? false,
    columns: Object.entries(declared.columns ?? {}).map(
      ([column, meaning]) => ({ name: column, ...meaning }) as AnalysisDraft['columns'][number],
    ),
    textVersion: known.codeVersion,
    reads: known.reads,
    named: new Map(
      inputs.flatMap(([dataset, mapping]) =>
        mapping === null
          ? []
          : [[dataset.toLowerCase(), { ...parseMapping(mapping, place), place }] as const],
      ),
    ),
    placeOf: () => place,
  }
}
