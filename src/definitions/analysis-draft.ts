import type { Place } from '#definitions/definition-error.ts'
import type { NamedMapping } from '#definitions/notation.ts'
import type { AnalysisDefinition } from '#model/definition.ts'

/** An analysis as its own file tells it, before the other datasets of the pack are known. */
export type AnalysisDraft = Omit<AnalysisDefinition, 'inputs' | 'codeVersion'> & {
  /** Identity of the text alone: of the SQL's tree or of the bundle. */
  readonly textVersion: string
  /** Datasets that it reads, in lower case, in order of first appearance. */
  readonly reads: readonly string[]
  /** Mappings that the author names. */
  readonly named: ReadonlyMap<string, NamedMapping & { readonly place: Place }>
  /** Where a dataset is read, for messages. */
  placeOf(dataset: string): Place
}
