import { definitionError } from '#definitions/definition-error.ts'
import { parseDuration } from '#kernel/duration.ts'
import type { ColumnType } from '#model/column.ts'
import type { AppendRule, Check } from '#model/definition.ts'
import { parsePartitioning } from '#definitions/partition-notation.ts'

const STANDARD_SETTLE = '60s'
const SETTLE_LEAST_MS = 1_000

interface AppendDeclaration {
  readonly append?:
    | { readonly by?: string | undefined; readonly settle?: string | undefined }
    | undefined
  readonly location?: string | undefined
  readonly partition: string
  readonly columns: Readonly<
    Record<string, { readonly type: ColumnType; readonly optional?: boolean | undefined }>
  >
}

/** How a source that rows are sent to grows; refuses what cannot be held for rows that come later. */
export function appendRule(
  declaration: AppendDeclaration,
  checks: readonly Check[],
  file: string,
): AppendRule {
  const { by = null, settle = STANDARD_SETTLE } = declaration.append ?? {}
  if (declaration.location !== undefined) {
    throw definitionError(
      { file },
      'append and location do not go together',
      'Rows are either sent to a source or fetched from its location: leave one of the two out.',
    )
  }
  const { grain, key } = parsePartitioning(declaration.partition, { file })
  if (key) {
    throw definitionError(
      { file },
      `partition: "${declaration.partition}" cuts an append source by a key`,
      'Cut it by time alone; an analysis of it may be cut by the key.',
    )
  }
  if (by !== null) refuseUnfitColumn(by, declaration.columns[by], grain, file)
  const settleMs = parseDuration(settle)
  if (settleMs === null || settleMs < SETTLE_LEAST_MS) {
    throw definitionError(
      { file },
      `append.settle: "${settle}" is no time of a second or more`,
      'Say how often analyses may be told of new rows: settle: 60s',
    )
  }
  const blocking = checks.find(({ severity }) => severity === 'blocking')
  if (blocking) {
    throw definitionError(
      { file },
      `check ${blocking.name}: what was acknowledged is not held back`,
      'Make it a warning; a row that must not be there is one that its columns cannot hold.',
    )
  }
  return { settleMs, by }
}

function refuseUnfitColumn(
  by: string,
  column: AppendDeclaration['columns'][string] | undefined,
  grain: string,
  file: string,
): void {
  const isTime = column?.type === 'timestamp' || (column?.type === 'date' && grain !== 'hour')
  if (isTime && column?.optional === false) return
  throw definitionError(
    { file },
    `append.by: "${by}" is no column that gives each row a time`,
    'Name a column of type timestamp (or date, for days and longer) with optional: false.',
  )
}
