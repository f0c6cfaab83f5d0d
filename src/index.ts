/** What packs import as `millrace`. */
export {
  defineAnalysis,
  definePack,
  defineReference,
  defineSource,
} from '#definitions/declarations.ts'
export type {
  AnalysisDeclaration,
  ColumnDeclaration,
  DerivedColumnDeclaration,
  PackDeclaration,
  ReferenceDeclaration,
  SourceDeclaration,
} from '#definitions/declarations.ts'
export { seededRandom } from '#kernel/random.ts'
export { defineSamples } from '#definitions/samples.ts'
export type { Samples, SampleSize, WrittenSamples } from '#definitions/samples.ts'
export type { AnalysisContext, AnalysisResult } from '#engine/analysis-context.ts'
