import { suggestion } from '#definitions/definition-error.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { ResultColumn } from '#model/outcome.ts'

/** Column of a result by its name. Throws `column-unknown`, which names the nearest one. */
export function columnOf(
  subject: string,
  columns: readonly ResultColumn[],
  name: string,
): ResultColumn {
  const column = columns.find((candidate) => candidate.name === name)
  if (column) return column
  const known = columns.map((candidate) => candidate.name)
  throw new MillraceError('column-unknown', {
    subject,
    column: name,
    suggestion: suggestion(name, known),
  })
}

/** In the order in which they are wanted; a name that comes again counts once. */
export function selectColumns(
  subject: string,
  columns: readonly ResultColumn[],
  select: readonly string[] | null,
): readonly ResultColumn[] {
  if (select === null) return columns
  return [...new Set(select)].map((name) => columnOf(subject, columns, name))
}
