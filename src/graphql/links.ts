import type { Operation } from '#operations/operation.ts'
import { callOperation } from '#graphql/call.ts'
import { connectionField, pagedBy } from '#graphql/connections.ts'
import { isClosedObject, jsonSchemaOf } from '#graphql/json-schema.ts'
import { pascal } from '#graphql/names.ts'
import type { Field, Fields, TypeBook } from '#graphql/type-book.ts'

/** A way from an entity to others: an operation, and what of the entity it is asked with. */
interface Link {
  readonly entity: string
  readonly field: string
  readonly operation: string
  /** Input field ← field of the entity. */
  readonly by: Readonly<Record<string, string>>
  /** The field of the answer that is wanted; absent: the whole answer. */
  readonly of?: string
}

export const links: readonly Link[] = [
  { entity: 'Run', field: 'progress', operation: 'runs.get', by: { run: 'id' } },
  { entity: 'Run', field: 'tasks', operation: 'runs.tasks', by: { run: 'id' }, of: 'tasks' },
  { entity: 'Task', field: 'log', operation: 'tasks.logs', by: { task: 'id' } },
  { entity: 'Task', field: 'run', operation: 'runs.get', by: { run: 'runId' }, of: 'run' },
  { entity: 'Dataset', field: 'status', operation: 'datasets.status', by: { dataset: 'dataset' } },
  {
    entity: 'Dataset',
    field: 'partitions',
    operation: 'datasets.status',
    by: { dataset: 'dataset' },
    of: 'partitions',
  },
  {
    entity: 'Dataset',
    field: 'versions',
    operation: 'datasets.versions',
    by: { dataset: 'dataset' },
  },
  { entity: 'Version', field: 'run', operation: 'runs.get', by: { run: 'run' }, of: 'run' },
  {
    entity: 'Endpoint',
    field: 'versions',
    operation: 'endpoints.versions',
    by: { endpoint: 'endpoint' },
    of: 'versions',
  },
  {
    entity: 'Endpoint',
    field: 'details',
    operation: 'endpoints.show',
    by: { endpoint: 'endpoint' },
  },
  {
    entity: 'Delivery',
    field: 'receiptShown',
    operation: 'receipts.show',
    by: { receipt: 'receipt' },
  },
  {
    entity: 'Receipt',
    field: 'versions',
    operation: 'receipts.versions',
    by: { receipt: 'receipt' },
  },
  {
    entity: 'Receipt',
    field: 'sources',
    operation: 'receipts.sources',
    by: { receipt: 'receipt' },
  },
]

/** The fields that lead from an entity; those of operations that are not there are left out. */
export function linkFields(
  book: () => TypeBook,
  operations: readonly Operation[],
): (entity: string) => Fields {
  return (entity) => {
    const fields: Fields = {}
    for (const link of links.filter((one) => one.entity === entity)) {
      const operation = operations.find(({ name }) => name === link.operation)
      if (operation) fields[link.field] = linkField(book(), operation, link)
    }
    return fields
  }
}

function linkField(book: TypeBook, operation: Operation, { by, of }: Link): Field {
  const given = (parent: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(by).map(([input, field]) => [input, parent[field]]))
  const paged = of === undefined ? pagedBy(operation) : null
  if (paged) return connectionField(book, operation, paged, {}, given)
  const schema = operation.output === 'stream' ? {} : jsonSchemaOf(operation.output, 'output')
  const wanted = of === undefined ? schema : schema.properties?.[of]
  const isObject = wanted !== undefined && isClosedObject(wanted)
  const name = pascal(of === undefined ? `${operation.name}-payload` : `${operation.name}-${of}`)
  const type = book.output(wanted ?? {}, isObject ? name : `${name}List`)
  return {
    description: operation.summary,
    // A part that the caller may not see leaves the rest of the entity as it is.
    type: 'ofType' in type && String(type).endsWith('!') ? (type.ofType as Field['type']) : type,
    async resolve(parent, _args, context) {
      const input = given(parent)
      // What leads nowhere: a task of no run.
      if (Object.values(input).some((value) => value === null || value === undefined)) return null
      const answer = (await callOperation(operation, input, context)) as Record<string, unknown>
      return of === undefined ? answer : answer[of]
    },
  }
}
