import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { QueryParameter } from '#engine/readers/query-job.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { Tenant } from '#model/tenant.ts'
import type { AnswerParts } from '#serving/answers/answer-parts.ts'
import type { ReadInput } from '#serving/answers/read-inputs.ts'
import { withTables, type Tables } from '#serving/answers/run-select.ts'
import type { SubjectPlan } from '#serving/answers/subject-plan.ts'

const KNOWN_MAX = 2000

/** Columns of what a subject gives, before anything is chosen of it. */
export type ColumnsOf = (
  tenant: Tenant,
  plan: SubjectPlan,
  tables: Tables,
  parameters: Readonly<Record<string, QueryParameter>>,
  signal: AbortSignal | undefined,
) => Promise<readonly ResultColumn[]>

/** The engine is asked once for the same statement over tables of the same form. */
export function createColumnsOf(
  parts: Pick<AnswerParts, 'lake' | 'readers' | 'limits'>,
): ColumnsOf {
  const known = new Map<string, readonly ResultColumn[]>()

  return async (tenant, plan, tables, parameters, signal) => {
    const { subject, sql, trust } = plan
    const lying = plan.isDataset ? datasetColumns(tables) : null
    if (lying) return lying
    const types = Object.entries(parameters).map(([name, { type }]) => [name, type])
    const forms = tables.inputs.map(({ wanted, partitions, seen }) => [
      wanted.definition.name,
      seen?.columns ?? null,
      [...new Set(partitions.map(({ columns }) => canonicalJson(columns)))],
    ])
    const key = sha256(canonicalJson([trust, sql, tables.asColumn, types, forms]))
    const found = known.get(key)
    if (found) return found
    const limits = { deadlineMs: parts.limits.deadlineMs, bytesMax: parts.limits.bytesMax }
    const { columns } = await withTables(parts.lake, tables, signal, (inputs) =>
      parts.readers.explain(
        { tenantId: tenant.id, subject, inputs, sql, parameters, limits, trust },
        { signal },
      ),
    ).catch((error: unknown) => {
      throw hiddenColumn(subject, tables.inputs, error)
    })
    for (const oldest of known.keys()) {
      if (known.size < KNOWN_MAX) break
      known.delete(oldest)
    }
    known.set(key, columns)
    return columns
  }
}

/** As the catalog knows them; null where versions differ in the type of one. */
function datasetColumns({ inputs: [input], asColumn }: Tables): readonly ResultColumn[] | null {
  const columns = new Map<string, ResultColumn>()
  if (asColumn !== null) columns.set(asColumn, { name: asColumn, type: 'VARCHAR' })
  for (const partition of input?.partitions ?? []) {
    for (const column of partition.columns) {
      if (input?.seen?.columns?.includes(column.name) === false) continue
      const known = columns.get(column.name)
      if (known && known.type !== column.type) return null
      columns.set(column.name, column)
    }
  }
  return [...columns.values()]
}

/** A statement that fails for a column which only others see says so. */
function hiddenColumn(
  subject: string,
  inputs: readonly ReadInput[],
  thrown: unknown,
): MillraceError {
  const error = toMillraceError(thrown)
  if (error.code !== 'query-invalid') return error
  const hidden = inputs.flatMap(({ partitions, seen }) =>
    partitions
      .flatMap(({ columns }) => columns.map(({ name }) => name))
      .filter((name) => seen?.columns?.includes(name) === false),
  )
  const [, missing] = /"([^"]+)"/.exec(error.message.replace(subject, '')) ?? []
  const column = hidden.find((name) => name.toLowerCase() === missing?.toLowerCase())
  if (column === undefined) return error
  return new MillraceError('answer-column-hidden', { subject, column })
}
