import { commitTime } from '#catalog/as-of.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { QueryParameter } from '#engine/readers/query-job.ts'
import { identifier } from '#engine/sql-text.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { visibleColumns } from '#engine/seen-sql.ts'
import type { AnswerParts } from '#serving/answers/answer-parts.ts'
import { createBinder } from '#serving/answers/binder.ts'
import { selectColumns } from '#serving/answers/columns.ts'
import { completenessOf, type ExpectedPartitions } from '#serving/answers/completeness.ts'
import { conditionTerms, filterTerms } from '#serving/answers/condition-sql.ts'
import { orderSql, sortOrder, type Order } from '#serving/answers/order.ts'
import { latestOf, type ParameterValues } from '#serving/answers/parameters.ts'
import { readState, toInput, withLatest, type State } from '#serving/answers/read-inputs.ts'
import { questionData, receiptId, seenOf } from '#serving/answers/receipt-id.ts'
import type { ColumnsOf } from '#serving/answers/result-columns.ts'
import type { Tables } from '#serving/answers/run-select.ts'
import type { SubjectPlan } from '#serving/answers/subject-plan.ts'
import type { Asker, Question } from '#serving/question.ts'
import type { Completeness, Receipt } from '#serving/receipt.ts'

/** A question over the versions that it is answered from; no row has been read yet. */
export interface Resolved {
  readonly asker: Asker
  readonly plan: SubjectPlan
  readonly tables: Tables
  /** Columns before the choice, and those that are answered. */
  readonly all: readonly ResultColumn[]
  readonly columns: readonly ResultColumn[]
  /** Terms that hold for every row, and the values of their places. */
  readonly terms: readonly string[]
  readonly parameters: Readonly<Record<string, QueryParameter>>
  readonly order: Order
  readonly receipt: Receipt
  readonly completeness: Completeness
  /** As the catalog knows it; null where rows have to be counted. */
  readonly knownRows: number | null
  /** Equal for answers whose bytes are equal. */
  readonly identity: string
}

/** To be raised when the same versions are written in another form. */
const ANSWER_VERSION = 3

export interface ResolveParts extends Pick<AnswerParts, 'catalog' | 'receipts' | 'clock'> {
  readonly columnsOf: ColumnsOf
  readonly expected: ExpectedPartitions
}

export async function resolve(
  parts: ResolveParts,
  asker: Asker,
  question: Question,
  plan: SubjectPlan,
  state: State,
  signal: AbortSignal | undefined,
): Promise<Resolved> {
  const { tenant, access } = asker
  const given = 'receipt' in state ? valuesOf(state.receipt, plan.values) : plan.values
  const { sets, readAt } = await parts.catalog.asTenant(tenant, async (session) => ({
    sets: await readState(session, plan.inputs, given, state),
    readAt: await timeOf(session, state),
  }))
  const values = withLatest(plan.inputs, sets, latestOf(plan.parameters, given), given, access)
  const inputs = plan.inputs.map((wanted, at) => toInput(wanted, sets[at], values, access))
  const isMany = (inputs[0]?.partitions.length ?? 0) > 1
  const tables: Tables = {
    inputs,
    asColumn: plan.isDataset && !isMany ? null : 'partition',
    inOrder: plan.isDataset,
  }
  const bound = plan.bound(values)
  const lying = await parts.columnsOf(tenant, plan, tables, bound, signal)
  const all = visibleColumns(lying, plan.seen)
  const columns = selectColumns(plan.subject, all, question.select)
  const binder = createBinder()
  const terms = [
    ...filterTerms(lying, plan.seen?.filters ?? [], binder),
    ...conditionTerms(plan.subject, all, question.where, binder),
  ]
  const order =
    question.sort === null
      ? ownOrder(plan, tables, all)
      : sortOrder(plan.subject, all, question.sort)
  const versions = inputs.flatMap(({ wanted, partitions }) =>
    partitions.map(({ partition, versionId }) => ({
      dataset: wanted.definition.name,
      partition,
      versionId,
    })),
  )
  const data = questionData(plan.data(values), question, seenNames(asker, plan, question))
  const id = receiptId(tenant, data, versions)
  const commitNumber = sets[0]?.commitNumber ?? 0
  const names = plan.inputs.map(({ definition }) => definition.name)
  const expected = await parts.expected(tenant, names, commitNumber)
  const completeness = completenessOf(inputs, expected, values, access)
  const receipt: Receipt =
    'receipt' in state && state.receipt.id === id
      ? state.receipt
      : {
          id,
          question: data,
          commitNumber,
          asOf: readAt ?? parts.clock.now(),
          versions,
          completeness,
        }
  await parts.receipts.keep(tenant, receipt)
  return {
    asker,
    plan,
    tables,
    all,
    columns,
    terms,
    parameters: { ...bound, ...binder.parameters },
    order,
    receipt,
    completeness,
    knownRows:
      plan.isDataset && terms.length === 0 && isUnfiltered(tables) ? publishedRows(tables) : null,
    identity: sha256(canonicalJson([ANSWER_VERSION, id, order])),
  }
}

/** Readers put so many partitions one behind the other; of more they do not keep the rows' order. */
const PARTITIONS_IN_ORDER = 64

function ownOrder(plan: SubjectPlan, { inputs }: Tables, columns: readonly ResultColumn[]): Order {
  const order = plan.order(columns)
  const isMany = (inputs[0]?.partitions.length ?? 0) > PARTITIONS_IN_ORDER
  if (order.kind !== 'natural' || !plan.isDataset || !isMany) return order
  return sortOrder(plan.subject, columns, [{ column: 'partition', descending: false }])
}

function isUnfiltered({ inputs }: Tables): boolean {
  return inputs.every(({ seen }) => seen === null || seen.filters.length === 0)
}

function publishedRows({ inputs }: Tables): number {
  return inputs.flatMap(({ partitions }) => partitions).reduce((sum, { rows }) => sum + rows, 0)
}

function valuesOf({ question }: Receipt, values: ParameterValues): ParameterValues {
  return question.subject.kind === 'endpoint' ? question.subject.parameters : values
}

/** When what is read was the newest; null: it is. */
async function timeOf(session: TenantSession, state: State): Promise<Date | null> {
  if (!('asOf' in state) || state.asOf === null) return null
  return 'time' in state.asOf ? state.asOf.time : commitTime(session, state.asOf.commit)
}

/** What the asker may see of the datasets that are read, and of the endpoint itself. */
function seenNames({ access }: Asker, plan: SubjectPlan, { subject }: Question): unknown {
  const names = plan.inputs.map(({ definition }) => definition.name)
  if (subject.kind === 'endpoint') names.push(subject.version.definition.name)
  return seenOf(access, names)
}

/**
 * The statement of an answer: what the subject gives, as far as it is asked for and in its order.
 * `also` are further terms, `rows` a part of it by place.
 */
export function answerSql(
  { plan, columns, all, terms, order }: Resolved,
  { also = [], rows }: { also?: readonly string[]; rows?: { limit: number; offset: number } } = {},
): string {
  const fields = columns.map(({ name }) => identifier(name)).join(', ')
  const conditions = [...terms, ...also].map((term) => `(${term})`)
  return [
    `SELECT ${fields} FROM (${plan.sql}\n) AS asked`,
    conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`,
    orderSql(order, all),
    rows ? `LIMIT ${rows.limit}` : '',
    rows && rows.offset > 0 ? `OFFSET ${rows.offset}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ')
}

/** How many rows an answer has, counted up to `max`; null: to the end. */
export function countSql({ plan, terms }: Resolved, max: number | null): string {
  const condition =
    terms.length === 0 ? '' : ` WHERE ${terms.map((term) => `(${term})`).join(' AND ')}`
  const limit = max === null ? '' : ` LIMIT ${max}`
  return `SELECT count(*) AS "rows" FROM (SELECT 1 FROM (${plan.sql}\n) AS asked${condition}${limit}) AS counted`
}
