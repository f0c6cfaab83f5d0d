import { identifier } from '#engine/sql-text.ts'
import type { ResultColumn } from '#model/outcome.ts'

export const SAMPLE_ROWS = 100_000
export const BINS = 20
export const TOP_VALUES = 10

/** What a histogram of a column can show: bins of an axis, or its most frequent values. */
export type ProfileKind = 'number' | 'time' | 'values' | 'hidden'

export interface ProfiledColumn extends ResultColumn {
  readonly kind: ProfileKind
}

/** `isPersonal`: its values are not listed, for they name people and say nothing together. */
export function profiled(column: ResultColumn, isPersonal: boolean): ProfiledColumn {
  if (isPersonal) return { ...column, kind: 'hidden' }
  if (/^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL)/.test(column.type)) {
    return { ...column, kind: 'number' }
  }
  return { ...column, kind: /^(DATE|TIMESTAMP)/.test(column.type) ? 'time' : 'values' }
}

/**
 * One row for each column of a dataset, over all of its rows, or a sample of them: `place` (of the
 * column), `total`, `filled`, `distinct`, and, as text, `least`, `most`, `q1`, `median`, `q3`, `mean`,
 * `bins` ({"0": n, …} of 20 between least and most) and `top` ([{v, n}]).
 */
export function profileSql(dataset: string, columns: readonly ProfiledColumn[]): string {
  const parts = columns.map((column, place) => columnSql(column, place))
  return `WITH taken AS MATERIALIZED (
  SELECT ${columns.map(({ name }, place) => `${identifier(name)} AS c${place}`).join(', ')}
  FROM ${identifier(dataset)} USING SAMPLE reservoir(${SAMPLE_ROWS} ROWS) REPEATABLE (1)
)
SELECT * FROM (
${parts.join('\nUNION ALL\n')}
) AS profile`
}

const text = (expression: string, name: string) => `CAST(${expression} AS VARCHAR) AS ${name}`
const none = (name: string) => `CAST(NULL AS VARCHAR) AS ${name}`

function columnSql({ kind, type }: ProfiledColumn, place: number): string {
  const c = `c${place}`
  const counts = `${place} AS place, count(*) AS total, count(${c}) AS filled`
  switch (kind) {
    case 'hidden':
      return `SELECT ${counts}, count(DISTINCT ${c}) AS "distinct", ${unknown.join(', ')} FROM taken`
    case 'values':
      return valuesSql(c, counts, type)
    case 'number':
      return binnedSql(c, counts, `CAST(${c} AS DOUBLE)`)
    case 'time':
      return binnedSql(c, counts, `CAST(epoch(${c}) AS DOUBLE)`)
  }
}

const figures = ['least', 'most', 'q1', 'median', 'q3', 'mean']
const unknown = [...figures, 'bins', 'top'].map(none)

/** Not finite: it has no place on the axis. */
function binnedSql(c: string, counts: string, number: string): string {
  const x = `CASE WHEN isfinite(${number}) THEN ${number} END`
  const bin = `least(${BINS - 1}, CAST(floor((x - lo) * ${BINS} / nullif(hi - lo, 0)) AS INTEGER))`
  return `SELECT ${counts}, count(DISTINCT ${c}) AS "distinct",
  ${text(`min(${c})`, 'least')}, ${text(`max(${c})`, 'most')},
  ${text(`quantile_disc(${c}, 0.25)`, 'q1')}, ${text(`quantile_disc(${c}, 0.5)`, 'median')},
  ${text(`quantile_disc(${c}, 0.75)`, 'q3')}, ${text(`avg(x)`, 'mean')},
  ${text(`to_json(histogram(coalesce(${bin}, 0)) FILTER (WHERE x IS NOT NULL))`, 'bins')}, ${none('top')}
  FROM (SELECT ${c}, ${x} AS x, min(${x}) OVER () AS lo, max(${x}) OVER () AS hi FROM taken) AS placed`
}

/** Lists and texts alike, as text of at most 200 characters. */
function valuesSql(c: string, counts: string, type: string): string {
  const value = type === 'VARCHAR' ? c : `CAST(${c} AS VARCHAR)`
  const top = `(SELECT to_json(list({v: v, n: n} ORDER BY n DESC, v)) FROM (
    SELECT left(${value}, 200) AS v, count(*) AS n FROM taken WHERE ${c} IS NOT NULL
    GROUP BY v ORDER BY n DESC, v LIMIT ${TOP_VALUES}) AS counted)`
  return `SELECT ${counts}, count(DISTINCT ${value}) AS "distinct",
  ${text(`min(left(${value}, 200))`, 'least')}, ${text(`max(left(${value}, 200))`, 'most')},
  ${figures.slice(2).map(none).join(', ')}, ${none('bins')}, ${text(top, 'top')} FROM taken`
}
