import type { ExplainedQuery } from '#engine/readers/query-job.ts'
import type { AnswerParts } from '#serving/answers/answer-parts.ts'
import { filesOf, readState, toInput } from '#serving/answers/read-inputs.ts'
import { withTables } from '#serving/answers/run-select.ts'
import { planSubject } from '#serving/answers/subject-plan.ts'
import type { Asker, Question } from '#serving/question.ts'

export interface QueryForecast {
  readonly columns: { readonly name: string; readonly type: string }[]
  readonly datasets: {
    readonly dataset: string
    readonly first: string
    readonly last: string
    readonly partitions: number
    readonly files: number
    readonly rows: number
    readonly bytes: number
  }[]
  /** Of all datasets: rows as they are published, bytes of their files. */
  readonly rows: number
  readonly bytes: number
  readonly plan: ExplainedQuery['plan']
}

/** `plan` and `explain` run nothing that takes longer. */
const LIMITS = { deadlineMs: 10_000, bytesMax: 1 }

/** What a question would read, and how; throws as asking it does. No row is read. */
export async function explainQuery(
  {
    catalog,
    lake,
    readers,
    factory,
  }: Pick<AnswerParts, 'catalog' | 'lake' | 'readers' | 'factory'>,
  asker: Asker,
  { subject, asOf }: Question,
  signal: AbortSignal,
): Promise<QueryForecast> {
  const { tenant, access } = asker
  const { datasets: known } = await factory.forTenant(tenant)
  const plan = await planSubject({ readers, datasets: known }, asker, subject, signal)
  const { values, sql, trust } = plan
  const sets = await catalog.asTenant(tenant, (session) =>
    readState(session, plan.inputs, values, { asOf }),
  )
  const inputs = plan.inputs.map((wanted, at) => toInput(wanted, sets[at], values, access))
  const tables = { inputs, asColumn: 'partition', inOrder: false } as const
  const explained = await withTables(lake, tables, signal, (bound) =>
    readers.explain(
      {
        tenantId: tenant.id,
        subject: plan.subject,
        inputs: bound,
        sql,
        parameters: plan.bound(values),
        limits: LIMITS,
        trust,
      },
      { signal },
    ),
  )
  const datasets = inputs.map(({ wanted, partitions }) => {
    const files = filesOf(partitions)
    return {
      dataset: wanted.definition.name,
      first: partitions[0]?.partition ?? '',
      last: partitions.at(-1)?.partition ?? '',
      partitions: partitions.length,
      files: files.length,
      rows: sum(partitions.map(({ rows }) => rows)),
      bytes: sum(files.map(({ file }) => file.sizeBytes)),
    }
  })
  return {
    columns: [...explained.columns],
    datasets,
    rows: sum(datasets.map(({ rows }) => rows)),
    bytes: sum(datasets.map(({ bytes }) => bytes)),
    plan: explained.plan,
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
