import type { EmbedQuestion } from '#catalog/embeds.ts'
import { MillraceError } from '#kernel/errors.ts'
import { visibleEndpoint } from '#operations/endpoints/visible-endpoint.ts'
import type { Parts } from '#operations/parts.ts'
import { toQuestion } from '#operations/rows/question-input.ts'
import type { EndpointVersion } from '#model/endpoint.ts'
import type { Asker, Question } from '#serving/question.ts'

type EndpointQuestion = Question & {
  readonly subject: { readonly kind: 'endpoint'; readonly version: EndpointVersion }
}

/**
 * The question of a view with what a viewer's link says: a value of a parameter, or one that a column
 * must be equal to. Both are values, never text of a query. Throws what the endpoint is refused with.
 */
export async function embedQuestion(
  parts: Pick<Parts, 'endpoints'>,
  asker: Asker,
  asked: EmbedQuestion,
  values: Readonly<Record<string, string>>,
): Promise<EndpointQuestion> {
  const { endpoint, version: number, parameters, where, select, sort } = asked
  const version = await visibleEndpoint(parts, asker, endpoint, number)
  const own = new Set(version.definition.parameters.map(({ name }) => name))
  const given = Object.entries(values)
  const conditions = new Map<string, string[]>(
    Object.entries(where).map(([column, said]) => [column, [said].flat()]),
  )
  for (const [column, value] of given.filter(([name]) => !own.has(name))) {
    conditions.set(column, [...(conditions.get(column) ?? []), `eq.${value}`])
  }
  const subject = {
    kind: 'endpoint',
    version,
    parameters: {
      ...parameters,
      ...Object.fromEntries(given.filter(([name]) => own.has(name))),
    },
  } as const
  return {
    ...toQuestion(subject, {
      where: Object.fromEntries(conditions),
      ...(select && { select }),
      ...(sort && { sort }),
    }),
    subject,
  }
}

/** Throws `input-invalid` for a name that is neither a parameter nor a column, or is fixed already. */
export function namesOf(
  { subject: { version, ...subject } }: EndpointQuestion & { subject: { parameters: object } },
  viewerValues: readonly string[],
): void {
  const { parameters, columns: noted, name: endpoint } = version.definition
  const columns = version.columns?.map(({ name }) => name.toLowerCase())
  const known = new Set([...parameters, ...noted].map(({ name }) => name))
  for (const name of viewerValues) {
    const refuse = (message: string): never => {
      throw new MillraceError('input-invalid', { path: 'viewerValues', message })
    }
    if (name in subject.parameters) refuse(`names ${name}, which has a fixed value already`)
    // Nobody may have asked the endpoint yet: the engine says then what is no column.
    if (known.has(name) || !columns || columns.includes(name.toLowerCase())) continue
    refuse(`names ${name}, and ${endpoint} has neither a parameter nor a column of that name`)
  }
}
