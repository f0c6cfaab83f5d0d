import type { Delivery } from '#catalog/deliveries.ts'
import type { StoredQuestion } from '#serving/deliveries/stored-question.ts'

/**
 * What a delivery was asked for, in the words of `deliveries.create` and `reports.create`; for SQL, the
 * text and its parameters.
 */
export function askedOf({ question }: Pick<Delivery, 'question'>): Record<string, unknown> {
  const { subject, select, where, sort } = question as StoredQuestion
  const conditions = Map.groupBy(where, ({ column }) => column)
  return {
    ...subjectOf(subject),
    ...(select !== null && { select: [...select] }),
    ...(sort !== null && {
      sort: sort.map(({ column, descending }) => (descending ? `-${column}` : column)),
    }),
    ...(where.length > 0 && {
      where: Object.fromEntries(
        [...conditions].map(([column, own]) => [column, own.map(conditionText)]),
      ),
    }),
  }
}

function subjectOf(subject: StoredQuestion['subject']): Record<string, unknown> {
  switch (subject.kind) {
    case 'dataset': {
      const { dataset, partitions } = subject
      return { dataset, ...(partitions !== null && { partition: partitions.join(',') }) }
    }
    case 'endpoint': {
      const { endpoint, version, parameters } = subject
      return { endpoint, version, parameters: { ...parameters } }
    }
    case 'sql':
      return { sql: subject.text, parameters: { ...subject.parameters } }
  }
}

function conditionText({ op, value }: StoredQuestion['where'][number]): string {
  return `${op}.${typeof value === 'string' ? value : JSON.stringify(value)}`
}
