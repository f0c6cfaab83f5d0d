import type { LiveFile } from '#engine/job-base.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

/** The hidden leading column of every dataset file: the partition that a row belongs to. */
export const PARTITION_COLUMN = '_partition'

/** Above so many lists of live partitions, one join replaces a branch for each file. */
const BRANCHES_MAX = 64

/**
 * SELECT of the live rows of a dataset's files, `_partition` first, in the order of the files.
 * Files unite by column name; a file that is older than a column gives NULL for it.
 * `wanted` (null: all) are the partitions that matter; files without one of them are not opened.
 */
export function liveRowsSql(
  files: readonly LiveFile[],
  columns: readonly ResultColumn[] | null,
  wanted: ReadonlySet<PartitionKey> | null,
): string {
  return liveRows(files, columns, wanted, (lists) => `(${listsSql(lists)})`)
}

/** The same, with the list of what is live in a table of its own where it is long: it is bound often. */
export async function liveRowsOver(
  session: Pick<Session, 'run'>,
  table: string,
  files: readonly LiveFile[],
  columns: readonly ResultColumn[] | null,
  wanted: ReadonlySet<PartitionKey> | null,
): Promise<string> {
  const long: LiveLists[] = []
  const sql = liveRows(files, columns, wanted, (lists) => {
    long.push(lists)
    return table
  })
  for (const lists of long) await session.run(`CREATE TABLE ${table} AS ${listsSql(lists)}`)
  return sql
}

/** Two texts for each live partition of a file: the file's path and the partition's name. */
interface LiveLists {
  readonly paths: readonly string[]
  readonly names: readonly PartitionKey[]
}

function liveRows(
  files: readonly LiveFile[],
  columns: readonly ResultColumn[] | null,
  wanted: ReadonlySet<PartitionKey> | null,
  relationOf: (lists: LiveLists) => string,
): string {
  const [first] = files
  if (!first) return emptySql(columns)
  const needed = files.filter(
    ({ partitions }) => !wanted || !partitions || partitions.some((key) => wanted.has(key)),
  )
  if (needed.length === 0) return `SELECT * FROM ${scan([first])} WHERE false`
  const groups = Map.groupBy(needed, ({ partitions }) =>
    partitions ? JSON.stringify(keep(partitions, wanted)) : null,
  )
  if (groups.size > BRANCHES_MAX) return joinedSql(needed, wanted, relationOf)
  const branches = Array.from(groups, ([list, group]) => {
    const keys = list === null ? (wanted ? [...wanted] : null) : (JSON.parse(list) as string[])
    return `SELECT * FROM ${scan(group)}${keys ? ` WHERE ${isOneOf(keys)}` : ''}`
  })
  return branches.length === 1 ? (branches[0] ?? '') : branches.join(' UNION ALL BY NAME ')
}

export function isOneOf(keys: readonly PartitionKey[]): string {
  return `${PARTITION_COLUMN} IN (${keys.map(literal).join(', ')})`
}

function keep(
  partitions: readonly PartitionKey[],
  wanted: ReadonlySet<PartitionKey> | null,
): PartitionKey[] {
  return partitions.filter((key) => !wanted || wanted.has(key))
}

function scan(files: readonly LiveFile[]): string {
  return `read_parquet([${files.map(({ path }) => literal(path)).join(', ')}], union_by_name = true)`
}

function joinedSql(
  files: readonly LiveFile[],
  wanted: ReadonlySet<PartitionKey> | null,
  relationOf: (lists: LiveLists) => string,
): string {
  const paths: string[] = []
  const names: PartitionKey[] = []
  for (const { path, partitions } of files) {
    for (const name of keep(partitions ?? (wanted ? [...wanted] : []), wanted)) {
      paths.push(path)
      names.push(name)
    }
  }
  const whole = wanted ? [] : files.filter(({ partitions }) => partitions === null)
  const isWhole =
    whole.length === 0
      ? ''
      : ` OR filename IN (${whole.map(({ path }) => literal(path)).join(', ')})`
  const isLive =
    names.length === 0
      ? 'false'
      : `(filename, ${PARTITION_COLUMN}) IN (FROM ${relationOf({ paths, names })})`
  return `SELECT * FROM ${scan(files)} WHERE ${isLive}${isWhole}`
}

/** Texts that are split, not lines: a hundred thousand of these take ten times as long to bind. */
function listsSql({ paths, names }: LiveLists): string {
  return `SELECT ${unnestSql(paths)} AS path, ${unnestSql(names)} AS name`
}

/** Texts (paths, names of partitions, numbers: none holds the separator), one a line. */
export function unnestSql(texts: readonly string[]): string {
  return texts.length === 0
    ? 'unnest([]::VARCHAR[])'
    : `unnest(string_split(${literal(texts.join('\x1f'))}, chr(31)))`
}

function emptySql(columns: readonly ResultColumn[] | null): string {
  if (!columns) {
    throw new MillraceError('internal', { message: 'an input has neither files nor columns' })
  }
  const nulls = columns.map((column) => `NULL::${column.type} AS ${identifier(column.name)}`)
  return `SELECT ${[`NULL::VARCHAR AS ${PARTITION_COLUMN}`, ...nulls].join(', ')} WHERE false`
}
