import { conditionsOf, whereOf, type Condition } from '~/rows/conditions.ts'

/** What is asked, as a form has it: texts, until it is sent. */
export interface AskedDraft {
  readonly kind: 'endpoint' | 'dataset'
  readonly endpoint: string
  readonly dataset: string
  readonly partition: string
  readonly parameters: Readonly<Record<string, string>>
  readonly where: readonly Condition[]
  /** Empty: all columns. */
  readonly select: readonly string[]
  /** `-events,company`; empty: as it comes. */
  readonly sort: string
  /** Of the endpoint; null: the current one. */
  readonly version: number | null
}

export const emptyAsked: AskedDraft = {
  kind: 'endpoint',
  endpoint: '',
  dataset: '',
  partition: '',
  parameters: {},
  where: [],
  select: [],
  sort: '',
  version: null,
}

/** What somebody has asked before, in the words of the API. */
export function askedDraftOf(asked: Readonly<Record<string, unknown>>): AskedDraft {
  const { dataset, endpoint, partition, parameters, version, where, select, sort } = asked
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  return {
    kind: typeof dataset === 'string' ? 'dataset' : 'endpoint',
    dataset: text(dataset),
    endpoint: text(endpoint),
    partition: text(partition),
    parameters: (parameters ?? {}) as Record<string, string>,
    where: conditionsOf(where) ?? [],
    select: textsOf(select),
    sort: textsOf(sort).join(','),
    version: version === undefined || version === null ? null : Number(version),
  }
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

/** Another subject has other columns and other parameters. */
export function withSubject(
  draft: AskedDraft,
  subject: Partial<Pick<AskedDraft, 'kind' | 'endpoint' | 'dataset'>>,
): AskedDraft {
  return {
    ...emptyAsked,
    kind: draft.kind,
    endpoint: draft.endpoint,
    dataset: draft.dataset,
    ...subject,
  }
}

export interface AskedInput {
  readonly endpoint?: string
  readonly version?: number
  readonly parameters?: Record<string, string>
  readonly dataset?: string
  readonly partition?: string
  readonly where?: Record<string, string | string[]>
  readonly select?: string[]
  readonly sort?: string[]
}

/** What is sent to the server. */
export function askedInput(draft: AskedDraft): AskedInput {
  const { kind, endpoint, dataset, partition, parameters, where, select, sort, version } = draft
  const isGiven = Object.keys(parameters).length > 0
  return {
    ...(kind === 'endpoint'
      ? { endpoint, ...(version !== null && { version }), ...(isGiven && { parameters }) }
      : { dataset, ...(partition.trim() !== '' && { partition: partition.trim() }) }),
    ...(where.length > 0 && { where: whereOf(where) }),
    ...(select.length > 0 && { select: [...select] }),
    ...(sort !== '' && { sort: sort.split(',') }),
  }
}
