import { operators } from '~/rows/conditions.ts'
import { columnsText, parameterKey, sortText, whereText } from '~/rows/question.ts'

interface Told {
  readonly subject?: {
    readonly kind?: string
    readonly dataset?: string
    readonly partitions?: string | null
    readonly endpoint?: string
    readonly parameters?: Readonly<Record<string, string>>
  }
  readonly select?: readonly string[] | null
  readonly where?: readonly {
    readonly column: string
    readonly op: string
    readonly value: unknown
  }[]
  readonly sort?: readonly { readonly column: string; readonly descending: boolean }[] | null
}

/** The address at which Explore asks a receipt's question again; null for SQL, which has none. */
export function addressOf(question: unknown): Record<string, string | undefined> | null {
  const { subject, select, where, sort } = question as Told
  if (subject === undefined || subject.kind === 'sql') return null
  const [first] = sort ?? []
  const conditions = (where ?? []).flatMap(({ column, op, value }) => {
    const known = operators.find((one) => one === op)
    if (known === undefined) return []
    const text = Array.isArray(value) ? JSON.stringify(value) : String(value)
    return [{ column, op: known, value: text }]
  })
  const own =
    subject.kind === 'endpoint'
      ? {
          endpoint: subject.endpoint,
          ...Object.fromEntries(
            Object.entries(subject.parameters ?? {}).map(([name, value]) => [
              parameterKey(name),
              value,
            ]),
          ),
        }
      : { dataset: subject.dataset, partition: subject.partitions ?? undefined }
  return {
    ...own,
    where: whereText(conditions),
    columns: columnsText(select ?? null),
    sort: sortText(first ?? null),
  }
}
