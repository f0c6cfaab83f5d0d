import { commitAsOf, readSetsAsOf, readSetsOfVersions } from '#catalog/as-of.ts'
import { readSets, type CatalogFile, type ReadPartition, type ReadSet } from '#catalog/files.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { LiveFile } from '#engine/job-base.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Access } from '#model/access.ts'
import { LATEST, fillSelector, parametersIn } from '#model/endpoint-parameter.ts'
import { splitKey } from '#model/partition-key-parts.ts'
import { areNames, selects, type Selector } from '#model/partition-key-selection.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { selectorsOf } from '#model/region.ts'
import { maySeePartition, rowFilters, seenRows, type SeenRows } from '#model/seen-rows.ts'
import type { ParameterValues } from '#serving/answers/parameters.ts'
import type { WantedInput } from '#serving/answers/subject-plan.ts'
import type { AsOf } from '#serving/question.ts'
import type { Receipt } from '#serving/receipt.ts'

/** Published versions of one dataset, as far as whoever asks sees them. */
export interface ReadInput {
  readonly wanted: WantedInput
  readonly partitions: readonly ReadPartition[]
  readonly seen: SeenRows | null
}

/** What is read: the newest, what was the newest then, or what a receipt names. */
export type State = { readonly asOf: AsOf | null } | { readonly receipt: Receipt }

/** All datasets from one statement: one consistent set of versions. */
export async function readState(
  session: TenantSession,
  wanted: readonly WantedInput[],
  values: ParameterValues,
  state: State,
): Promise<readonly ReadSet[]> {
  if ('receipt' in state) {
    const { versions, commitNumber } = state.receipt
    const requests = wanted.map(({ definition }) => ({
      dataset: definition.name,
      versions: versions
        .filter(({ dataset }) => dataset === definition.name)
        .map(({ partition, versionId }) => [partition, versionId] as const),
    }))
    return readSetsOfVersions(session, requests, commitNumber)
  }
  const requests = wanted.map((input) => ({
    dataset: input.definition.name,
    partitions: namesOf(input, values),
  }))
  const { asOf } = state
  if (asOf === null) return readSets(session, requests)
  const commit = 'commit' in asOf ? asOf.commit : await commitAsOf(session, asOf.time)
  return readSetsAsOf(session, requests, commit ?? 0)
}

/** Null where what is selected is known only once it is known what is there. */
function namesOf(input: WantedInput, values: ParameterValues): readonly Selector[] | null {
  const latest = parametersIn(input.partitions ?? '').some((name) => values[name] === LATEST)
  const selectors = latest ? null : selectorsIn(input, values)
  return selectors && areNames(selectors, input.definition.partitioning) ? selectors : null
}

function selectorsIn(
  { definition, partitions }: WantedInput,
  values: ParameterValues,
): readonly Selector[] | null {
  if (partitions === null) return null
  return selectorsOf(
    fillSelector(partitions, (name) => values[name]),
    [definition],
  )
}

/** The parameters with the newest periods in place of `latest`. */
export function withLatest(
  wanted: readonly WantedInput[],
  sets: readonly ReadSet[],
  latest: readonly string[],
  values: ParameterValues,
  access: Access,
): ParameterValues {
  const found: Record<string, string> = { ...values }
  for (const name of latest) {
    const places = wanted.flatMap((input, place) =>
      parametersIn(input.partitions ?? '').includes(name) ? [place] : [],
    )
    const periods = places.map((place) => periodsOf(wanted[place], sets[place], access))
    const inAll = periods[0]?.filter((period) => periods.every((own) => own.includes(period))) ?? []
    const newest = (inAll.length > 0 ? inAll : periods.flat()).toSorted().at(-1)
    if (newest === undefined) {
      const dataset = wanted[places[0] ?? 0]?.definition.name ?? ''
      throw new MillraceError('rows-unpublished', { dataset, partitions: 'any partition' })
    }
    found[name] = newest
  }
  return found
}

function periodsOf(input: WantedInput | undefined, set: ReadSet | undefined, access: Access) {
  if (!input || !set) return []
  const { definition } = input
  const seen = seenRows(access, definition.name)
  return set.partitions
    .filter(({ partition }) => seen === null || maySeePartition(definition, seen, partition))
    .map(({ partition }) => splitKey(partition, definition.partitioning).period)
}

/** Throws `rows-unpublished` where there is nothing of a dataset, `columns-hidden`. */
export function toInput(
  wanted: WantedInput,
  set: ReadSet | undefined,
  values: ParameterValues,
  access: Access,
): ReadInput {
  const { definition } = wanted
  const dataset = definition.name
  const selectors = selectorsIn(wanted, values)
  const isSelected = selectors === null ? null : selects(selectors, definition.partitioning)
  const asked = seenRows(access, dataset)
  const partitions = (set?.partitions ?? []).filter(
    ({ partition }) =>
      (isSelected === null || isSelected(partition)) &&
      (asked === null || maySeePartition(definition, asked, partition)),
  )
  if (partitions.length === 0) {
    const spoken = selectors === null ? 'any partition' : spokenSelectors(selectors)
    throw new MillraceError('rows-unpublished', { dataset, partitions: spoken })
  }
  if (asked === null) return { wanted, partitions, seen: null }
  const names = [...new Set(partitions.flatMap(({ columns }) => columns.map(({ name }) => name)))]
  if (asked.columns !== null && !names.some((name) => asked.columns?.includes(name))) {
    throw new MillraceError('columns-hidden', { dataset })
  }
  const seen = { columns: asked.columns, filters: rowFilters(definition, asked, names) }
  return { wanted, partitions, seen }
}

function spokenSelectors(selectors: readonly Selector[]): string {
  const [first = 'no partition'] = selectors
  return selectors.length > 3 ? `${first}..${selectors.at(-1)}` : selectors.join(', ') || first
}

/** Each file once, with those of its partitions that are read. */
export function filesOf(
  partitions: readonly ReadPartition[],
): readonly { readonly file: CatalogFile; readonly live: NonNullable<LiveFile['partitions']> }[] {
  const files = new Map<number, { file: CatalogFile; live: PartitionKey[] }>()
  for (const { partition, files: itsFiles } of partitions) {
    for (const file of itsFiles) {
      const known = files.get(file.id)
      if (known) known.live.push(partition)
      else files.set(file.id, { file, live: [partition] })
    }
  }
  return [...files.values()]
}
