import type { Engine } from '#engine/engine.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { LaneLease } from '#catalog/append-lanes.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { AppendRule, DatasetDefinition, SourceDefinition } from '#model/definition.ts'

/** What flushing needs of the factory, with an engine of its own: a long build delays no segment. */
export interface AppendParts extends Pick<
  FactoryParts,
  'catalog' | 'lake' | 'datasets' | 'clock' | 'ids' | 'log'
> {
  readonly engine: Engine
}

/** A source that rows are sent to. */
export interface AppendSource extends SourceDefinition {
  readonly append: AppendRule
}

/** Throws `append-not-taken`. */
export function appendSource(
  datasets: readonly DatasetDefinition[],
  dataset: string,
): AppendSource {
  const found = datasets.find(({ name }) => name === dataset)
  if (found && isAppendSource(found)) return found
  const known = datasets.filter(isAppendSource).map(({ name }) => name)
  const why = !found
    ? 'the deployed code has no such dataset'
    : found.kind === 'analysis'
      ? 'it is computed'
      : 'its objects are fetched'
  throw new MillraceError('append-not-taken', {
    dataset,
    why,
    known: known.length > 0 ? known : ['there is none'],
  })
}

export function isAppendSource(definition: DatasetDefinition): definition is AppendSource {
  return definition.kind === 'source' && definition.append !== undefined
}

/** One piece of work in a lane: its lease, and whether the process may still go on with it. */
export interface LaneWork {
  readonly lease: LaneLease
  readonly source: AppendSource
  readonly signal: AbortSignal
}
