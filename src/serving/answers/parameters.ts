import { suggestion } from '#definitions/definition-error.ts'
import type { QueryParameter } from '#engine/readers/query-job.ts'
import { MillraceError } from '#kernel/errors.ts'
import { engineType } from '#model/column.ts'
import { LATEST, parameterProblem } from '#model/endpoint-parameter.ts'
import type { EndpointParameter } from '#model/endpoint.ts'

/** Values of an endpoint's parameters by name, as text that their types can read. */
export type ParameterValues = Readonly<Record<string, string>>

/**
 * What is given, with defaults for what is not; `latest` periods stay so until it is known what is
 * published. Throws `parameter-unknown`, `parameter-missing`, `parameter-invalid`.
 */
export function parameterValues(
  subject: string,
  parameters: readonly EndpointParameter[],
  given: ParameterValues,
): ParameterValues {
  const known = parameters.map(({ name }) => name)
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new MillraceError('parameter-unknown', {
      subject,
      parameter: unknown,
      suggestion: known.length === 0 ? 'It has none.' : suggestion(unknown, known),
    })
  }
  const values: Record<string, string> = {}
  for (const parameter of parameters) {
    const { name, description } = parameter
    const text = Object.hasOwn(given, name) ? given[name] : (parameter.default ?? undefined)
    if (text === undefined) {
      throw new MillraceError('parameter-missing', { subject, parameter: name, description })
    }
    const problem = parameterProblem(parameter, text)
    if (problem !== null) {
      const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
      throw new MillraceError('parameter-invalid', {
        subject,
        parameter: name,
        problem: `${name} cannot be "${shown}": ${problem}`,
      })
    }
    values[name] = canonicalValue(parameter, text)
  }
  return values
}

const SHOWN_MAX = 100

/** Equal values have equal texts, so that two doors which write them differently get one receipt. */
function canonicalValue({ type }: EndpointParameter, text: string): string {
  if (type === 'integer') return BigInt(text).toString()
  return type === 'timestamp' ? text.replace(' ', 'T') : text
}

/** Names of the periods that stand for the newest one. */
export function latestOf(
  parameters: readonly EndpointParameter[],
  values: ParameterValues,
): string[] {
  return parameters
    .filter(({ name, type }) => type === 'period' && values[name] === LATEST)
    .map(({ name }) => name)
}

/** As the engine binds them. */
export function boundParameters(
  parameters: readonly EndpointParameter[],
  values: ParameterValues,
): Readonly<Record<string, QueryParameter>> {
  return Object.fromEntries(
    parameters.map(({ name, type }) => [
      name,
      {
        type: type === 'period' ? 'VARCHAR' : engineType(type),
        value: values[name] ?? null,
      },
    ]),
  )
}
