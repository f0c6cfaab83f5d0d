import type { ErrorEntry } from '#kernel/error-entry.ts'
import { codesByOperation } from '#operations/openapi/codes.gen.ts'
import { errorCatalog } from '#kernel/error-catalog.ts'
import { fieldsOf } from '#operations/fields.ts'
import type { JsonSchema } from '#operations/openapi/json-schema.ts'
import type { Reference, Response } from '#operations/openapi/openapi-types.ts'
import type { Operation } from '#operations/operation.ts'

const PROBLEM = 'application/problem+json'
const problemRef: JsonSchema = { $ref: '#/components/schemas/Problem' }

/** RFC 9457, with the fields of `server/problem.ts`. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description:
    'Problem details (RFC 9457). Programs match on `code`, which is stable; people read `detail` and `remedy`.',
  properties: {
    type: { type: 'string', format: 'uri', description: '`urn:millrace:error:<code>`.' },
    title: { type: 'string', description: 'The code in words.' },
    status: { type: 'integer', description: 'Status of the answer.' },
    detail: { type: 'string', description: 'What is wrong: the thing and the value.' },
    code: { type: 'string', pattern: '^[a-z][a-z0-9-]*$', description: 'Stable.' },
    remedy: { type: 'string', description: 'The way out.' },
    retryable: {
      type: 'boolean',
      description: 'True: the same call may succeed later without a change.',
    },
    details: { type: 'object', description: 'The values that `detail` names.' },
    causes: { type: 'array', items: { type: 'string' }, description: 'For operators.' },
    requestId: { type: 'string', description: 'To be found in the log of the server.' },
  },
  required: [
    'type',
    'title',
    'status',
    'detail',
    'code',
    'remedy',
    'retryable',
    'details',
    'causes',
    'requestId',
  ],
}

/** What everything may answer: see `responses` of the components. */
const everywhere: Readonly<Record<string, string>> = {
  BadRequest: 'input-invalid',
  Unauthenticated: 'unauthenticated',
  Forbidden: 'forbidden',
  RateLimited: 'rate-limited',
  Unavailable: 'server-stopping',
}

export function problemComponents(): Record<string, Response> {
  const shared = Object.entries(everywhere).map(
    ([name, code]) => [name, problemResponse([code])] as const,
  )
  const other = 'Any other problem: a bug of the server, or something that it depends on.'
  return { ...Object.fromEntries(shared), Problem: { description: other, ...problemContent() } }
}

/** Codes that the operation raises by itself, sorted. */
export function codesOf(operation: Operation): string[] {
  const kinds = fieldsOf(operation).length > 0 ? (codesByOperation[operation.name] ?? []) : []
  const shared = Object.values(everywhere)
  return [...kinds].filter((code) => entryOf(code) && !shared.includes(code)).sort()
}

/** Problem responses of an operation by status. */
export function problemResponses(operation: Operation): Record<string, Response | Reference> {
  const byStatus = Map.groupBy(codesOf(operation), (code) => String(entryOf(code)?.status))
  const shared = sharedNames(operation.permission)
  const own = [...byStatus].map(([status, codes]) => {
    const also = everywhere[shared[status] ?? '']
    return [status, problemResponse(also === undefined ? codes : [also, ...codes])] as const
  })
  return { ...sharedProblems(operation.permission), ...Object.fromEntries(own) }
}

/** Problem responses that every operation with that permission has. */
export function sharedProblems(
  permission: Operation['permission'],
): Record<string, Response | Reference> {
  const references = Object.entries({ ...sharedNames(permission), default: 'Problem' }).map(
    ([status, name]) => [status, { $ref: `#/components/responses/${name}` }] as const,
  )
  return Object.fromEntries(references)
}

function sharedNames(permission: Operation['permission']): Readonly<Record<string, string>> {
  return {
    '400': 'BadRequest',
    '429': 'RateLimited',
    '503': 'Unavailable',
    ...(permission === 'anyone' ? {} : { '401': 'Unauthenticated', '403': 'Forbidden' }),
  }
}

function problemResponse(codes: readonly string[]): Response {
  const lines = codes.map((code) => `- \`${code}\`: ${entryOf(code)?.text ?? ''}`)
  const retries = codes.some((code) => entryOf(code)?.retryable)
  return {
    description: lines.join('\n'),
    ...(retries && { headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } }),
    ...problemContent(),
  }
}

function problemContent(): Pick<Response, 'content'> {
  return { content: { [PROBLEM]: { schema: problemRef } } }
}

function entryOf(code: string): ErrorEntry | undefined {
  return (errorCatalog as Readonly<Record<string, ErrorEntry>>)[code]
}
