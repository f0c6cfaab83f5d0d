/** What packs import as `millrace`. */
import { declareAnalysis, type AnalysisDeclaration } from '#definitions/declarations.ts'
import { declareTask, type TaskDeclaration } from '#definitions/task-declaration.ts'
import type { AnalysisContext, AnalysisResult } from '#engine/analysis-context.ts'
import type { TaskContext } from '#tasks/task-context.ts'

export { definePack, defineReference, defineSource } from '#definitions/declarations.ts'
export type {
  AnalysisDeclaration,
  ColumnDeclaration,
  DerivedColumnDeclaration,
  PackDeclaration,
  ReferenceDeclaration,
  SourceDeclaration,
} from '#definitions/declarations.ts'
export { defineEndpoint } from '#definitions/endpoint-declaration.ts'
export type {
  EndpointDeclaration,
  ParameterDeclaration,
} from '#definitions/endpoint-declaration.ts'
export { seededRandom } from '#kernel/random.ts'
export { defineSamples } from '#definitions/samples.ts'
export type { Samples, SampleSize, WrittenSamples } from '#definitions/samples.ts'
export type {
  AnalysisContext,
  AnalysisResult,
  AnalysisRow,
  AnalysisValue,
} from '#engine/analysis-context.ts'

/** A `.ts` file in `analyses/`: for what SQL cannot say. */
export function defineAnalysis(declaration: AnalysisDeclaration<AnalysisContext, AnalysisResult>) {
  return declareAnalysis(declaration)
}

export type { TaskDeclaration } from '#definitions/task-declaration.ts'
export type { TaskContext } from '#tasks/task-context.ts'

/** A `.ts` file in `tasks/`: a function that carries out background tasks of its file's name. */
export function defineTask<Payload>(declaration: TaskDeclaration<TaskContext, Payload>) {
  return declareTask(declaration)
}
