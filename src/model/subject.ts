import type { Column } from '#model/column.ts'
import type { DatasetDefinition, SourceDefinition } from '#model/definition.ts'

/** A column whose values name subjects of one kind: `user`, `device`, `page`. */
export interface SubjectColumn {
  readonly column: string
  readonly kind: string
}

/** What is known about a subject, without saying who it is: the hash is keyed (see catalog/subject-rules.ts). */
export interface SubjectRule {
  readonly kind: string
  /** 32 hexadecimal digits. */
  readonly hash: string
  /** `off`: rows of files that are read from now on are withheld. `erased`: none may ever come back. */
  readonly state: SubjectRuleState
  /** Bytes of the value in UTF-8: where a text may hold it, only pieces of this length are hashed. */
  readonly bytes: number
}

export type SubjectRuleState = 'off' | 'erased'

/** The rules of a tenant for some kinds, with the key of their hashes. */
export interface SubjectRules {
  /** Hexadecimal. */
  readonly key: string
  readonly rules: readonly SubjectRule[]
}

/** Columns that name subjects, in the order of the definition; the kind is the column's name unless it is given. */
export function subjectColumnsOf(definition: DatasetDefinition): SubjectColumn[] {
  const columns: readonly Pick<Column, 'name' | 'subject'>[] =
    definition.kind === 'source'
      ? [...definition.columns, ...definition.derived]
      : definition.columns
  return columns.flatMap(({ name, subject }) =>
    subject === undefined || subject === false
      ? []
      : [{ column: name, kind: subject === true ? name : subject }],
  )
}

/** The column that says when a row happened; null where the source has none. */
export function timeColumnOf(source: SourceDefinition): string | null {
  if (source.observes) return source.observes.column
  const isTime = ({ role, type }: Column) =>
    role === 'time' && (type === 'timestamp' || type === 'date')
  return [...source.columns, ...source.derived].find(isTime)?.name ?? null
}

/** Every kind that some dataset names, sorted. */
export function subjectKindsOf(datasets: readonly DatasetDefinition[]): string[] {
  const kinds = datasets.flatMap((dataset) => subjectColumnsOf(dataset).map(({ kind }) => kind))
  return [...new Set(kinds)].sort()
}
