import {
  columnOf,
  columnStart,
  periodAt,
  periodEnd,
  periodStart,
  type TimeLevel,
} from '~/matrix/levels.ts'

/** Squares of one row: a stretch of its periods; without times all that it has. */
export interface Place {
  readonly dataset: string
  /** Key and shard; null: all of them. */
  readonly part: string | null
  readonly grain: string
  /** First instant, and the first one behind; null: the row has no time. */
  readonly from: number | null
  readonly to: number | null
}

const grains: readonly string[] = ['year', 'month', 'day', 'hour']

/** The periods of a row's grain that touch a stretch of time. */
export function placeOf(
  row: { readonly dataset: string; readonly part: string | null; readonly grain: string },
  fromMs: number,
  toMs: number,
): Place {
  const { dataset, part, grain } = row
  if (!grains.includes(grain)) return { dataset, part, grain: 'none', from: null, to: null }
  const level = grain as TimeLevel
  const from = columnStart(columnOf(fromMs, level), level)
  const to = columnStart(columnOf(toMs - 1, level) + 1, level)
  return { dataset, part, grain, from, to }
}

/** As operations take it: `events@2021-01..2021-03`. */
export function placeText({ dataset, part, grain, from, to }: Place): string {
  const tail = part === null ? '' : `:${part}`
  if (from === null || to === null) return part === null ? dataset : `${dataset}@${part}`
  const first = periodAt(from, grain)
  const last = periodAt(to - 1, grain)
  return `${dataset}@${first === last ? first : `${first}..${last}`}${tail}`
}

/** The reverse of `placeText`; null where a text is none. */
export function readPlace(text: string): Place | null {
  const at = text.indexOf('@')
  if (at < 0)
    return text === '' ? null : { dataset: text, part: null, grain: 'none', from: null, to: null }
  const dataset = text.slice(0, at)
  const rest = text.slice(at + 1)
  if (dataset === '' || rest === '') return null
  const colon = rest.indexOf(':')
  const periods = colon < 0 ? rest : rest.slice(0, colon)
  const [first = '', last = first] = periods.split('..')
  const from = periodStart(first)
  const to = periodEnd(last)
  if (from === null || to === null || to <= from)
    return { dataset, part: rest, grain: 'none', from: null, to: null }
  const part = colon < 0 ? null : rest.slice(colon + 1)
  return { dataset, part, grain: grainOf(first), from, to }
}

function grainOf(period: string): string {
  return ({ 4: 'year', 7: 'month', 10: 'day' } as const)[period.length] ?? 'hour'
}

export function isSame(a: Place, b: Place): boolean {
  return a.dataset === b.dataset && a.part === b.part && a.from === b.from && a.to === b.to
}

/** Adds places; one that is there already is taken away when it comes alone. */
export function joined(places: readonly Place[], more: readonly Place[]): readonly Place[] {
  const [only] = more
  if (only && more.length === 1 && places.some((place) => isSame(place, only))) {
    return places.filter((place) => !isSame(place, only))
  }
  return [...places.filter((place) => !more.some((other) => isSame(place, other))), ...more]
}

export function covers(place: Place, row: { dataset: string; part: string | null }): boolean {
  return place.dataset === row.dataset && (place.part === null || place.part === row.part)
}

/** A key and a shard as people wrote them: names of partitions escape what is no letter or digit. */
export function nameOfPart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
