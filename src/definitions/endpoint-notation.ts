import { definitionError, type Place } from '#definitions/definition-error.ts'
import { parseColumnType, parseName } from '#definitions/notation.ts'
import { parseDuration } from '#kernel/duration.ts'
import { isOrdered, LATEST, parameterProblem } from '#model/endpoint-parameter.ts'
import type { EndpointLimits, EndpointParameter } from '#model/endpoint.ts'

/** The short texts of endpoints: parameters, the partitions of inputs, limits. */

/** What an answer's address says with these names already. */
const taken: ReadonlySet<string> = new Set(
  'endpoint where select sort limit cursor as_of asof version format cells parameters row'.split(
    ' ',
  ),
)

/** Names of parameters that stand for the columns of one row, in the drill query. */
export const ROW_PREFIX = 'row_'

/**
 * `month period = latest — which month`: name, type, then where wanted the default, the smallest and
 * largest value (`[1..100]`) and the values that are allowed (`(all, de, at)`), a dash and a text.
 */
export function parseParameter(text: string, place: Place): EndpointParameter {
  const parts =
    /^(?<name>\w+)\s+(?<type>[a-z][^\s=]*)(?:\s*=\s*(?<default>'(?:[^']|'')*'|[^\s'[(]\S*))?(?:\s*\[(?<min>[^\].]\S*?)?\.\.(?<max>[^\]]*?)\])?(?:\s*\((?<choices>[^)]*)\))?\s+(?:—|–|-)\s+(?<description>.+)$/.exec(
      text,
    )?.groups
  if (!parts?.['name'] || !parts['type'] || !parts['description']) {
    throw definitionError(
      place,
      `param: "${text}" does not describe a parameter`,
      'Write its name, its type, a default, limits or choices where wanted, a dash and what it means: param: top integer = 10 [1..100] — how many companies',
    )
  }
  const { default: written } = parts
  return checkParameter(
    {
      name: parts['name'],
      type: parts['type'],
      description: parts['description'].trim(),
      default: written === undefined ? null : unquoted(written),
      choices: parts['choices']?.split(',').map((choice) => unquoted(choice.trim())) ?? null,
      min: parts['min'] || null,
      max: parts['max'] || null,
    },
    place,
  )
}

function unquoted(text: string): string {
  return /^'.*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : text
}

/** The same parameter with a type that there is, and with values that fit it. */
export function checkParameter(
  parameter: Omit<EndpointParameter, 'type'> & { readonly type: string },
  place: Place,
): EndpointParameter {
  const name = parseName(parameter.name, 'parameter', place)
  if (taken.has(name) || name.startsWith(ROW_PREFIX)) {
    throw definitionError(
      place,
      `param "${name}" has a name that addresses of rows use themselves`,
      `Name it otherwise; ${[...taken].join(', ')} and names that begin with ${ROW_PREFIX} are taken.`,
    )
  }
  const type: EndpointParameter['type'] =
    parameter.type === 'period' ? 'period' : parseColumnType(parameter.type, place)
  const checked: EndpointParameter = { ...parameter, name, type }
  const refuse = (what: string, problem: string) => {
    throw definitionError(
      place,
      `param ${name}: ${what}: ${problem}`,
      `Write values that ${type} can read, in the form of the parameter's own default.`,
    )
  }
  if (type === 'text[]') refuse('text[]', 'lists are no values of parameters')
  const bare = { type, choices: null, min: null, max: null }
  const { min, max, choices, default: initial } = checked
  for (const [what, value] of [
    ['smallest value', min],
    ['largest value', max],
    ...(choices ?? []).map((choice) => ['choice', choice] as const),
  ] as const) {
    if (value === null) continue
    const problem = parameterProblem(bare, value)
    if (problem !== null || (value === LATEST && type === 'period')) {
      refuse(`${what} "${value}"`, problem ?? 'it stands for another value at each time')
    }
  }
  if ((min !== null || max !== null) && !isOrdered(type)) refuse('limits', `${type} has no order`)
  if (choices !== null && new Set(choices).size < choices.length)
    refuse('choices', 'one is there twice')
  if (min !== null && max !== null && parameterProblem({ ...bare, min }, max) !== null) {
    refuse(`[${min}..${max}]`, 'the largest value is below the smallest')
  }
  const problem = initial === null ? null : parameterProblem(checked, initial)
  if (problem !== null) refuse(`default "${initial}"`, problem)
  return checked
}

/** `top_companies partition $month`: a dataset that is read, and which of its partitions. */
export function parseEndpointInput(
  text: string,
  place: Place,
): { readonly dataset: string; readonly partitions: string } {
  const [, dataset, partitions] = /^(\w+)\s+partitions?\s+(\S+)$/.exec(text) ?? []
  if (!dataset || !partitions) {
    throw definitionError(
      place,
      `input: "${text}" does not say which partitions of a dataset are read`,
      'Write the dataset and its partitions, with parameters where wanted: input: top_companies partition $month',
    )
  }
  return { dataset: dataset.toLowerCase(), partitions }
}

const units: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 }

/** `1000 rows, 5 s, 10 MB`: each of them once, in any order. */
export function parseLimits(text: string, place: Place): EndpointLimits {
  const limits: { rows: number | null; seconds: number | null; bytes: number | null } = {
    rows: null,
    seconds: null,
    bytes: null,
  }
  for (const part of text.split(',').map((item) => item.trim())) {
    const [, count, unit = ''] = /^(\d{1,12})\s*(rows|B|kB|MB|GB)$/.exec(part) ?? []
    const ms = count === undefined ? parseDuration(part.replace(/\s+/g, '')) : null
    const [name, value] =
      ms !== null
        ? (['seconds', ms / 1000] as const)
        : unit === 'rows'
          ? (['rows', Number(count)] as const)
          : (['bytes', Number(count) * (units[unit] ?? Number.NaN)] as const)
    if (!(value > 0) || limits[name] !== null) {
      throw definitionError(
        place,
        `limit: "${part}" is no limit of its own`,
        'Write rows, a time and bytes, each at most once: limit: 1000 rows, 5 s, 10 MB',
      )
    }
    limits[name] = value
  }
  return limits
}
