import type { DatasetStatus } from '#factory/factory.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { FigureAggregate } from '#model/home-figure.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { FigureChoice } from '#operations/home/figure-data.ts'

/** A dataset of which figures could be shown: what its newest published partition holds. */
export interface FigureSource {
  readonly definition: DatasetDefinition
  readonly columns: readonly ResultColumn[]
  /** Of that partition; null: whoever asks may not count them. */
  readonly rows: number | null
}

/** Published partitions by name, oldest first. */
export function publishedOf(status: DatasetStatus): DatasetStatus['partitions'] {
  return status.partitions.filter(({ publishedAt }) => publishedAt !== null)
}

/** A figure is one number a period: datasets that are cut by time alone. */
export function isCutByTime({ partitioning }: DatasetDefinition): boolean {
  return (
    partitioning.grain !== 'none' &&
    partitioning.key === undefined &&
    partitioning.shards === undefined
  )
}

/** The best first: datasets with one row a period speak of the whole of it. */
export function findFigures(sources: readonly FigureSource[]): FigureChoice[] {
  return sources
    .flatMap((source, place) =>
      source.columns.flatMap((column) => {
        const choice = toChoice(source, column)
        return choice === null ? [] : [{ choice, weight: weightOf(source, choice), place }]
      }),
    )
    .toSorted((a, b) => b.weight - a.weight || a.place - b.place)
    .map(({ choice }) => choice)
}

/**
 * The first few that say different things: one of each dataset, then further ones; no name twice.
 * Counts of days, and means of shares of different things, only where there is nothing else.
 */
export function pickFigures(choices: readonly FigureChoice[], most: number): FigureChoice[] {
  const telling = choices.filter(
    ({ column, aggregate }) => !isOfCalendar(column) && aggregate !== 'mean',
  )
  const picked: FigureChoice[] = []
  for (const perDataset of [1, 2]) {
    for (const choice of telling.length > 0 ? telling : choices) {
      if (picked.length >= most) return picked
      if (picked.some(({ column }) => column === choice.column)) continue
      const used = picked.filter(({ dataset }) => dataset === choice.dataset).length
      if (used < perDataset) picked.push(choice)
    }
  }
  return picked
}

function toChoice({ definition, rows }: FigureSource, column: ResultColumn): FigureChoice | null {
  const note = definition.columns.find(({ name }) => name === column.name)
  if (!isNumber(column.type) || note?.subject || note?.pii) return null
  if (note?.role !== undefined && note.role !== 'measure') return null
  if (note?.role === undefined && isLabel(column.name)) return null
  return {
    dataset: definition.name,
    column: column.name,
    aggregate: aggregateOf(note?.unit ?? null, column.name, rows),
    description: note?.description ?? null,
    unit: note?.unit ?? null,
    grain: definition.partitioning.grain,
  }
}

function isNumber(type: string): boolean {
  return /^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|^(DOUBLE|FLOAT)$|^DECIMAL/.test(type)
}

/** Numbers that name something instead of counting it. */
function isLabel(name: string): boolean {
  return /^(id|year|quarter|month|week|weekday|day|hour|minute|rank|place|tied|version|n)$|_(id|no|number|rank|year)$/.test(
    name,
  )
}

/** Shares cannot be added up. */
function aggregateOf(unit: string | null, name: string, rows: number | null): FigureAggregate {
  if (rows === 1) return 'sum'
  return unit === '%' || /share|percent|ratio|rate|mean|average|median|_p\d\d$/.test(name)
    ? 'mean'
    : 'sum'
}

function weightOf({ definition, rows }: FigureSource, choice: FigureChoice): number {
  const isWhole = rows === 1 ? 100 : 0
  const isResult = definition.kind === 'analysis' ? 30 : 0
  const ofGrain = { none: 0, hour: 5, day: 15, month: 20, year: 0 }[definition.partitioning.grain]
  const isSaid = (choice.unit === null ? 0 : 6) + (choice.description === null ? 0 : 3)
  const isPlain = isOfCalendar(choice.column) ? -60 : 0
  return isWhole + isResult + ofGrain + isSaid + isPlain
}

/** How many days a month has had is no news. */
function isOfCalendar(column: string): boolean {
  return /^(hours|days|weeks|months|years)$/.test(column)
}
