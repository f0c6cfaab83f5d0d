import type { QueryInput, QueryJob, QueryOptions, QueryResult } from '#engine/readers/query-job.ts'
import { inParallel } from '#kernel/in-parallel.ts'
import type { AnswerParts } from '#serving/answers/answer-parts.ts'
import { filesOf, type ReadInput } from '#serving/answers/read-inputs.ts'

/** Files that are verified, and brought here where they are remote, side by side. */
const FILES_AT_ONCE = 8

/** Tables of a statement over the same inputs, with a column for the partition or without. */
export interface Tables {
  readonly inputs: readonly ReadInput[]
  readonly asColumn: 'partition' | null
  readonly inOrder: boolean
}

/** Runs `work` with the inputs' files in place, verified, and held against the sweep. */
export async function withTables<T>(
  lake: AnswerParts['lake'],
  { inputs, asColumn, inOrder }: Tables,
  signal: AbortSignal | undefined,
  work: (inputs: readonly QueryInput[]) => Promise<T>,
): Promise<T> {
  const hold = lake.hold()
  try {
    const tables: QueryInput[] = []
    for (const { wanted, partitions, seen } of inputs) {
      const files = await inParallel(
        filesOf(partitions),
        FILES_AT_ONCE,
        async ({ file, live }) => ({
          path: await hold.localPath(file, signal),
          partitions: live,
        }),
      )
      const shape = partitions.find(({ columns }) => columns.length > 0)?.columns ?? []
      tables.push({
        dataset: wanted.definition.name,
        files,
        partitions: partitions.map(({ partition }) => partition),
        columns: files.length === 0 ? shape : null,
        seen,
        asColumn,
        inOrder,
      })
    }
    return await work(tables)
  } finally {
    await hold.release()
  }
}

/** Runs one SELECT over them. */
export async function runSelect(
  parts: Pick<AnswerParts, 'lake' | 'readers'>,
  tables: Tables,
  job: Omit<QueryJob, 'inputs'>,
  options: QueryOptions,
): Promise<QueryResult> {
  return withTables(parts.lake, tables, options.signal, (inputs) =>
    parts.readers.run({ ...job, inputs }, options),
  )
}
