import type { AnalysisDraft } from '#definitions/analysis-draft.ts'
import { definitionError, suggestion, type Place } from '#definitions/definition-error.ts'
import { mappingText } from '#definitions/notation.ts'
import type {
  DatasetDefinition,
  Input,
  Mapping,
  Partitioning,
  SourceDefinition,
} from '#model/definition.ts'
import { grains, type Grain } from '#model/partition-key.ts'

/** What inputs are judged by: every dataset of the pack by name. */
export type KnownDatasets = ReadonlyMap<
  string,
  Pick<DatasetDefinition, 'name' | 'kind' | 'partitioning'> &
    Pick<SourceDefinition, 'observes'> & { readonly reference?: boolean }
>

/**
 * How each input is read. Where the author names no mapping it follows from the two cuts:
 *
 * | input                                        | mapping                      |
 * | -------------------------------------------- | ---------------------------- |
 * | the analysis itself                          | previous                     |
 * | not cut                                      | all                          |
 * | same grain                                   | same                         |
 * | finer                                        | roll-up                      |
 * | source that observes, analysis finer         | observed                     |
 * | source that observes, same grain or finer    | none: it has to be named     |
 *
 * Keys and shards follow by themselves (see `Input`); reference tables are read whole.
 */
export function resolveInputs(draft: AnalysisDraft, known: KnownDatasets): Input[] {
  for (const [dataset, { place }] of draft.named) {
    if (draft.reads.includes(dataset)) continue
    throw definitionError(
      place,
      `input "${dataset}" is not read by the analysis`,
      `Leave the line out, or read it; the analysis reads ${draft.reads.join(', ') || 'nothing'}.`,
    )
  }
  const inputs = draft.reads.map((dataset): Input => {
    const input = known.get(dataset)
    if (!input) {
      throw definitionError(
        draft.placeOf(dataset),
        `no dataset of the pack is named "${dataset}"`,
        suggestion(dataset, [...known.keys()]),
      )
    }
    const named = draft.named.get(dataset)
    const place = named?.place ?? draft.placeOf(dataset)
    const mapping = named?.mapping ?? defaultMapping(draft, input, place)
    requireFit(draft, input, mapping, place)
    if (mapping.kind === 'previous' && named?.whole) {
      throw definitionError(
        place,
        `input ${dataset} previous whole: the former partition is the one of the same key and shard`,
        'Write previous.',
      )
    }
    const isWhole = named?.whole || (input.reference && isCutByMore(draft.partitioning))
    return { dataset, mapping, ...(isWhole && { whole: true as const }) }
  })
  requireRegistered(draft, inputs, known)
  return inputs
}

function isCutByMore({ key, shards }: Partitioning): boolean {
  return key !== undefined || shards !== undefined
}

/** The values of a registered key come from an input that is cut by it. */
function requireRegistered(
  draft: AnalysisDraft,
  inputs: readonly Input[],
  known: KnownDatasets,
): void {
  const { key } = draft.partitioning
  if (!key || key.values) return
  const carries = ({ dataset, mapping, whole }: Input) =>
    mapping.kind !== 'previous' && !whole && known.get(dataset)?.partitioning.key?.name === key.name
  if (inputs.some(carries)) return
  throw definitionError(
    { file: draft.file },
    `no input is cut by the key ${key.name}, so that nothing says which values it has`,
    `Read a dataset that is cut by ${key.name}, or list the values: key ${key.name} (a, b).`,
  )
}

type InputDataset = KnownDatasets extends ReadonlyMap<string, infer Known> ? Known : never

function defaultMapping(draft: AnalysisDraft, input: InputDataset, place: Place): Mapping {
  const own = draft.partitioning.grain
  const theirs = input.partitioning.grain
  if (input.name === draft.name) return { kind: 'previous' }
  if (theirs === 'none') return { kind: 'all' }
  if (input.observes) {
    if (isFiner(own, theirs)) return { kind: 'observed' }
    const plain = own === theirs ? 'same' : 'roll-up'
    throw definitionError(
      place,
      `"${input.name}" can be read in two ways by ${own === 'none' ? 'an uncut analysis' : `a ${own} analysis`}: its files of the period, or its rows whose ${input.observes.column} lies in it`,
      own === 'none'
        ? `Say which: "-- input: ${input.name} all".`
        : `Say which: "-- input: ${input.name} ${plain}" (files), or "-- input: ${input.name} observed" (rows by ${input.observes.column}).`,
    )
  }
  if (own === theirs) return { kind: 'same' }
  if (isFiner(theirs, own)) return { kind: 'roll-up' }
  throw definitionError(
    place,
    `"${input.name}" is cut by ${theirs}, and a ${own} of it cannot be told from the rest`,
    `Cut it by ${own} too, cut this analysis by ${theirs}, or read all of it: "-- input: ${input.name} all".`,
  )
}

function requireFit(
  draft: AnalysisDraft,
  input: InputDataset,
  mapping: Mapping,
  place: Place,
): void {
  const own = draft.partitioning.grain
  const theirs = input.partitioning.grain
  const refuse = (because: string, wayOut: string): never => {
    throw definitionError(
      place,
      `input ${input.name} ${mappingText({ mapping })}: ${because}`,
      wayOut,
    )
  }
  const requireSameCut = () => {
    if (own === theirs && own !== 'none') return
    refuse(`it is cut by ${theirs}, the analysis by ${own}`, 'Cut both by the same period.')
  }
  const isOwn = input.name === draft.name
  if (isOwn !== (mapping.kind === 'previous')) {
    refuse(
      isOwn
        ? 'an analysis reads of itself its former partition only'
        : 'only the analysis itself has a former partition',
      isOwn ? 'Write previous.' : 'Write "lookback 1" to read the period before as well.',
    )
  }
  switch (mapping.kind) {
    case 'all':
      return
    case 'same':
      if (own !== theirs)
        refuse(
          `it is cut by ${theirs}, the analysis by ${own}`,
          'Cut both alike, or write roll-up or all.',
        )
      return
    case 'roll-up':
      if (!isFiner(theirs, own))
        refuse(`it is cut by ${theirs}, which is not finer than ${own}`, 'Write same or all.')
      return
    case 'observed':
      if (!input.observes)
        refuse(
          'it does not record which periods its files hold',
          'Add observes to the source, or write another mapping.',
        )
      else if (own === 'none' || isFiner(own, input.observes.grain)) {
        refuse(
          `it records each ${input.observes.grain}, the analysis is cut by ${own}`,
          `Cut the analysis by ${input.observes.grain} or coarser.`,
        )
      }
      return
    case 'previous':
      if (!draft.columns.some(({ type }) => type !== undefined)) {
        refuse(
          'its first partition has no former one to take the columns from',
          'Declare the columns of the result with their types: "-- column: company text — …".',
        )
      }
      requireSameCut()
      return
    case 'lookback':
    case 'through':
      requireSameCut()
  }
}

function isFiner(grain: Grain, than: Grain): boolean {
  return grains.indexOf(grain) > grains.indexOf(than)
}
