import { qualityTexts as texts } from '~/texts/quality.ts'

interface Profiled {
  readonly name: string
  readonly kind: 'number' | 'time' | 'values' | 'hidden'
  readonly nulls: number
  readonly distinct: number
  readonly least: string | null
  readonly most: string | null
  readonly top: readonly { readonly value: string; readonly rows: number }[]
}

export interface Suggestion {
  /** As it stands in the header of an analysis. */
  readonly line: string
  readonly why: string
}

/** Fewer rows than this say nothing. */
const ROWS_MIN = 20
/** So many values may be a list of all that there are. */
const VALUES_MAX = 8
/** Counts of different values are estimates: within this of all rows they count as all. */
const UNIQUE_WITHIN = 0.02

/** Checks that a sample of rows keeps, the surest first. */
export function suggestChecks({
  rows,
  columns,
}: {
  readonly rows: number
  readonly columns: readonly Profiled[]
}): readonly Suggestion[] {
  if (rows < ROWS_MIN) return []
  const filled = columns.filter(({ nulls }) => nulls === 0)
  const suggestions: Suggestion[] = []
  if (filled.length > 0) {
    const names = filled.map(({ name }) => quoted(name)).join(', ')
    suggestions.push({ line: `filled blocking not null ${names}`, why: texts.why.filled })
  }
  for (const column of filled) {
    const isKey = /(^|_)(id|key|uuid|code|number)$/i.test(column.name)
    if (isKey && column.distinct >= rows * (1 - UNIQUE_WITHIN)) {
      const line = `${checkName(column.name, 'once')} blocking unique ${quoted(column.name)}`
      suggestions.push({ line, why: texts.why.unique })
    }
  }
  for (const column of columns) {
    const { kind, least, most, name } = column
    const orNull = column.nulls === 0 ? '' : ` or ${quoted(name)} is null`
    if (kind === 'number' && least !== null && Number(least) >= 0 && most !== '0') {
      suggestions.push({
        line: `${checkName(name, 'not_negative')} warning each ${quoted(name)} >= 0${orNull}`,
        why: texts.why.atLeastZero(least),
      })
    }
    const values = column.top.filter(({ value }) => value.length <= 40)
    const covered = values.reduce((sum, one) => sum + one.rows, 0)
    const isList = values.length > 1 && values.length <= VALUES_MAX
    if (
      kind === 'values' &&
      isList &&
      covered === rows - column.nulls &&
      rows > values.length * 10
    ) {
      const list = values.map(({ value }) => `'${value.replaceAll("'", "''")}'`).join(', ')
      suggestions.push({
        line: `${checkName(name, 'known')} warning each ${quoted(name)} in (${list})${orNull}`,
        why: texts.why.oneOf(values.length),
      })
    }
  }
  return suggestions
}

/** What stands in the header of an analysis. */
export function headerLines(suggestions: readonly Suggestion[]): string {
  return suggestions.map(({ line }) => `-- check: ${line}`).join('\n')
}

const quoted = (name: string) =>
  /^[a-z_][a-z0-9_]*$/i.test(name) ? name : `"${name.replaceAll('"', '""')}"`

const checkName = (column: string, end: string) =>
  `${
    column
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '') || 'column'
  }_${end}`
