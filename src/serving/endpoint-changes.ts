import { compareValues, isOrdered } from '#model/endpoint-parameter.ts'
import type { EndpointParameter, EndpointVersion } from '#model/endpoint.ts'

/** What whoever goes from one version of an endpoint to another finds different. */
export interface EndpointChange {
  readonly of: 'parameter' | 'column'
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  /** What differs, in words. */
  readonly what: string
  /** True where a caller of the former version may have to change something. */
  readonly breaks: boolean
}

/** Parameters first, then columns of the result, each in the order of the version that one leaves. */
export function changesBetween(from: EndpointVersion, to: EndpointVersion): EndpointChange[] {
  const [before, after] = [from.definition.parameters, to.definition.parameters]
  const [columnsBefore, columnsAfter] = [columnsOf(from), columnsOf(to)]
  return [
    ...before.flatMap((parameter) => {
      const now = after.find(({ name }) => name === parameter.name)
      return now ? parameterChanges(parameter, now) : [goneParameter(parameter)]
    }),
    ...after
      .filter(({ name }) => !before.some((parameter) => parameter.name === name))
      .map(newParameter),
    ...columnsBefore.flatMap(({ name, type }): EndpointChange[] => {
      const now = columnsAfter.find((column) => column.name === name)
      const column = { of: 'column', name, breaks: true } as const
      if (!now) return [{ ...column, change: 'removed', what: 'the result has it no more' }]
      if (type === null || now.type === null || type === now.type) return []
      return [{ ...column, change: 'changed', what: `${type} became ${now.type}` }]
    }),
    ...columnsAfter
      .filter(({ name }) => !columnsBefore.some((column) => column.name === name))
      .map(({ name, type }): EndpointChange => ({
        of: 'column',
        name,
        change: 'added',
        what: type === null ? 'a new column' : `a new column, ${type}`,
        breaks: false,
      })),
  ]
}

/** As the engine told them; where nobody has asked yet, those that the author describes. */
function columnsOf({
  columns,
  definition,
}: EndpointVersion): readonly { readonly name: string; readonly type: string | null }[] {
  return columns ?? definition.columns.map(({ name }) => ({ name, type: null }))
}

function goneParameter({ name }: EndpointParameter): EndpointChange {
  const what = 'a request that sends it is refused'
  return { of: 'parameter', name, change: 'removed', what, breaks: true }
}

function newParameter({ name, type, default: initial }: EndpointParameter): EndpointChange {
  const what =
    initial === null ? `${type}, which must be given` : `${type}, ${initial} unless given`
  return { of: 'parameter', name, change: 'added', what, breaks: initial === null }
}

function parameterChanges(from: EndpointParameter, to: EndpointParameter): EndpointChange[] {
  const changes: { what: string; breaks: boolean }[] = []
  if (from.type !== to.type) changes.push({ what: `${from.type} became ${to.type}`, breaks: true })
  else changes.push(...rangeChanges(from, to))
  if (from.default !== to.default) {
    const spoken = (value: string | null) => (value === null ? 'none' : `"${value}"`)
    changes.push({
      what: `its default was ${spoken(from.default)}, and is ${spoken(to.default)}`,
      breaks: from.default !== null && to.default === null,
    })
  }
  return changes.map((change) => ({ of: 'parameter', name: to.name, change: 'changed', ...change }))
}

function rangeChanges(from: EndpointParameter, to: EndpointParameter) {
  const changes: { what: string; breaks: boolean }[] = []
  const gone =
    to.choices === null ? [] : (from.choices ?? []).filter((c) => !to.choices?.includes(c))
  if (gone.length > 0) changes.push({ what: `${gone.join(', ')} cannot be chosen`, breaks: true })
  else if (from.choices === null && to.choices !== null) {
    changes.push({ what: `only ${to.choices.join(', ')} can be chosen`, breaks: true })
  } else if (String(from.choices) !== String(to.choices)) {
    changes.push({ what: 'more can be chosen', breaks: false })
  }
  for (const [end, before, now, tighter] of [
    ['smallest', from.min, to.min, 1],
    ['largest', from.max, to.max, -1],
  ] as const) {
    if (before === now || !isOrdered(to.type)) continue
    const isTighter =
      now !== null && (before === null || compareValues(to.type, now, before) * tighter > 0)
    changes.push({
      what: `its ${end} value was ${before ?? 'any'}, and is ${now ?? 'any'}`,
      breaks: isTighter,
    })
  }
  return changes
}
