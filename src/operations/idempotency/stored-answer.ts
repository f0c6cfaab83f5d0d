import type { IdempotentRequest } from '#catalog/idempotent-requests.ts'
import { fromErrorData, type ErrorData, type MillraceError } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import type { Tenant } from '#model/tenant.ts'
import { outputSchema } from '#operations/openapi/json-schema.ts'
import type { Operation } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { secretPlace } from '#secrets/secret-place.ts'

const BYTES_MAX = 1_000_000

interface Stored {
  readonly answer: string | null
  readonly sealed: string | null
}

type Result = { readonly output: unknown } | { readonly error: ErrorData }

/** An answer as it is kept: one with a secret is sealed, or not kept where there is no key. */
export function toStoredAnswer(
  { secrets }: Parts,
  tenant: Tenant,
  operation: Operation,
  request: IdempotentRequest,
  result: Result,
): Stored {
  const text = JSON.stringify(result)
  if (operation.output === 'stream' || text.length > BYTES_MAX)
    return { answer: null, sealed: null }
  if ('error' in result || !showsSecret(operation)) return { answer: text, sealed: null }
  const place = placeOf(tenant, request)
  return { answer: null, sealed: secrets.currentKeyId === null ? null : secrets.seal(text, place) }
}

/** Null: it is not kept. Throws `secret-key-missing`. */
export function readAnswer(
  { secrets }: Parts,
  tenant: Tenant,
  request: IdempotentRequest,
  { answer, sealed }: Stored,
): { readonly output: unknown } | { readonly error: MillraceError } | null {
  const text = sealed === null ? answer : secrets.open(sealed, placeOf(tenant, request))
  if (text === null) return null
  const result = parseExactJson(text) as Result
  return 'error' in result ? { error: fromErrorData(result.error) } : result
}

function placeOf({ id }: Tenant, { caller, key }: IdempotentRequest) {
  return secretPlace(Number(id), 'idempotent_request.sealed_answer', caller, key)
}

/** True when a field of the answer is marked as a secret. */
export function showsSecret({ output }: Operation): boolean {
  return output !== 'stream' && hasSecret(outputSchema(output))
}

function hasSecret(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  return 'x-secret' in schema || Object.values(schema).some(hasSecret)
}
