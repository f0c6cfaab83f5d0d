import { canonicalJson, sha256 } from '#kernel/hash.ts'
import { mappingText } from '#definitions/notation.ts'
import type { AnalysisDefinition, Partitioning } from '#model/definition.ts'

/**
 * Identity of an analysis: whatever can change its rows or their order in files, and nothing else.
 *
 * `textVersion` is the SHA-256 of the SQL's tree without locations (canonical JSON), taken from the
 * statement with its unquoted words in lower case: layout, comments and the case of keywords and
 * names leave it as it is, quoted names keep their case, since they name columns of the result. For
 * TypeScript it is the SHA-256 of the bundle. The way in which inputs are cut and read joins it
 * here. Descriptions and notes on columns do not count (but for the declared types of an
 * analysis that reads itself), and neither do checks: they judge rows, they do not make them.
 */
export function codeVersionOf(
  analysis: Omit<AnalysisDefinition, 'codeVersion'>,
  textVersion: string,
): string {
  const inputs = analysis.inputs.map((input) => `${input.dataset} ${mappingText(input)}`)
  return sha256(
    canonicalJson({
      kind: 'analysis',
      text: textVersion,
      ...cutIdentity(analysis.partitioning),
      inputs: inputs.toSorted(),
      order: analysis.order ?? null,
      volatile: analysis.volatile,
      former: analysis.inputs.some(({ mapping }) => mapping.kind === 'previous')
        ? analysis.columns.map(({ name, type }) => ({ name, type: type ?? null }))
        : null,
    }),
  )
}

/**
 * What of a cut decides the rows of a partition. The values of a key do not: another one leaves
 * those of the first as they are.
 */
export function cutIdentity({ grain, key, shards }: Partitioning) {
  return { grain, ...(key && { key: key.name }), ...(shards && { shards }) }
}
