import { MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { EndpointVersion } from '#model/endpoint.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Question, Subject } from '#serving/question.ts'

/** A question as plain JSON: everything that is needed to ask it again, over the versions of a commit. */
export interface StoredQuestion {
  readonly subject:
    | {
        readonly kind: 'dataset'
        readonly dataset: string
        readonly partitions: readonly string[] | null
      }
    | {
        readonly kind: 'endpoint'
        readonly endpoint: string
        readonly version: number
        readonly parameters: Readonly<Record<string, string>>
      }
    | Extract<Subject, { kind: 'sql' }>
  readonly select: Question['select']
  readonly where: Question['where']
  readonly sort: Question['sort']
}

export function storeQuestion({ subject, select, where, sort }: Question): StoredQuestion {
  return { subject: storeSubject(subject), select, where, sort }
}

function storeSubject(subject: Subject): StoredQuestion['subject'] {
  switch (subject.kind) {
    case 'dataset':
      return { kind: 'dataset', dataset: subject.definition.name, partitions: subject.partitions }
    case 'endpoint': {
      const { version, parameters } = subject
      const { number, definition } = version
      return { kind: 'endpoint', endpoint: definition.name, version: number, parameters }
    }
    case 'sql':
      return subject
  }
}

export interface QuestionSources {
  /** What a tenant has of the deployed code. */
  datasets(tenant: Tenant): Promise<readonly DatasetDefinition[]>
  /** Null: the version that the tenant gets. */
  endpoint(tenant: Tenant, name: string, version: number | null): Promise<EndpointVersion>
}

/** The question again, of that commit; null: of now. Throws `delivery-question-gone` where its subject is deployed no longer. */
export async function reviveQuestion(
  sources: QuestionSources,
  {
    tenant,
    delivery,
    commit,
  }: { readonly tenant: Tenant; readonly delivery: string; readonly commit: number | null },
  { subject, select, where, sort }: StoredQuestion,
): Promise<Question> {
  const gone = (problem: string, cause?: unknown) =>
    new MillraceError('delivery-question-gone', { delivery, problem }, { cause })

  async function revived(): Promise<Subject> {
    switch (subject.kind) {
      case 'dataset': {
        const { dataset, partitions } = subject
        const definition = (await sources.datasets(tenant)).find(({ name }) => name === dataset)
        if (!definition) throw gone(`no dataset is named "${dataset}"`)
        return { kind: 'dataset', definition, partitions }
      }
      case 'endpoint': {
        const { endpoint, version, parameters } = subject
        const found = await sources.endpoint(tenant, endpoint, version).catch((error: unknown) => {
          if (error instanceof MillraceError && error.entry.kind === 'user') {
            throw gone(error.message, error)
          }
          throw error
        })
        return { kind: 'endpoint', version: found, parameters }
      }
      case 'sql':
        return subject
    }
  }

  return {
    subject: await revived(),
    select,
    where,
    sort,
    asOf: commit === null ? null : { commit },
  }
}
