import { problemComponents, problemSchema } from '#operations/openapi/problems.ts'
import { operationItem } from '#operations/openapi/operation-item.ts'
import { tagOf, tagTexts } from '#operations/openapi/tags.ts'
import type { OpenApiDocument, OperationItem, PathItem } from '#operations/openapi/openapi-types.ts'
import type { Operation } from '#operations/operation.ts'

export interface DocumentOptions {
  /** Where clients reach this server; may have a path. */
  readonly publicUrl: string
  readonly version: string
  /** Paths beside those of the operations: a tenant's endpoints. */
  readonly paths?: Readonly<Record<string, PathItem>>
  readonly title?: string
}

const introduction = `Results, runs, sources and people of a Millrace deployment.

Every request belongs to one tenant, that of its key. Send the key as \`Authorization: Bearer <key>\`, or as
the password of basic authentication. Unknown fields are refused. Errors are problem documents (RFC 9457)
with stable codes. Lists take \`limit\` and go on after what \`next\` names. Writing takes an
\`Idempotency-Key\`. Numbers that a double cannot hold are sent as they are: read them with a parser that
keeps their digits.`

/** The operations as an OpenAPI 3.1 document; it holds nothing of a tenant but what `paths` brings. */
export function openApiDocument(
  operations: readonly Operation[],
  { publicUrl, version, paths = {}, title = 'Millrace' }: DocumentOptions,
): OpenApiDocument {
  const items: Record<string, Partial<Record<string, OperationItem>>> = {}
  for (const operation of operations.toSorted(byPath)) {
    const { path, method } = operation.rest
    items[path] = { ...items[path], [method.toLowerCase()]: operationItem(operation) }
  }
  const names = [
    ...operations.map(({ name }) => tagOf(name)),
    ...Object.values(paths).flatMap((item) => Object.values(item).flatMap(({ tags }) => tags)),
  ]
  return {
    openapi: '3.1.0',
    info: {
      title,
      version,
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: publicUrl.replace(/\/+$/, '') || '/' }],
    tags: [...new Set(names)]
      .sort()
      .map((name) => ({ name, description: tagTexts[name] ?? `Operations on ${name}.` })),
    security: [{ bearer: [] }, { basic: [] }, { session: [] }],
    paths: { ...items, ...paths },
    components: components(),
  }
}

function byPath(a: Operation, b: Operation): number {
  return a.rest.path < b.rest.path ? -1 : a.rest.path > b.rest.path ? 1 : 0
}

function components(): OpenApiDocument['components'] {
  const text = { type: 'string' }
  const count = { type: 'integer', minimum: 0 }
  return {
    schemas: { Problem: problemSchema },
    responses: problemComponents(),
    parameters: {
      IdempotencyKey: {
        name: 'Idempotency-Key',
        in: 'header',
        description:
          'Any text of your own, at most 200 characters. The same key and request are carried out once and answered alike for 24 hours; the same key with another request is `idempotency-mismatch`.',
        schema: { ...text, minLength: 1, maxLength: 200, pattern: '^[\\x21-\\x7e]+$' },
      },
      Tenant: {
        name: 'Millrace-Tenant',
        in: 'header',
        description:
          'For people and operators, who choose a tenant; a key has one, and another is refused.',
        schema: text,
      },
    },
    headers: {
      RequestId: { description: 'To be found in the log of the server.', schema: text },
      RetryAfter: { description: 'Seconds until it is worth trying again.', schema: count },
      IdempotencyReplayed: {
        description: '`true`: the answer of an earlier request with this key.',
        schema: { ...text, enum: ['true'] },
      },
      ETag: { description: 'Equal for the same request over the same versions.', schema: text },
      MillraceCommit: { description: 'The newest publish that the rows come from.', schema: count },
      MillraceRows: { description: 'Rows in the answer.', schema: count },
      MillraceReceipt: {
        description: 'Id of the receipt: where the rows come from.',
        schema: text,
      },
      MillraceNext: { description: '`cursor` of the page behind this one.', schema: text },
      MillraceTotalRows: { description: 'Rows there are without `limit`.', schema: count },
    },
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An API key of the tenant.' },
      basic: { type: 'http', scheme: 'basic', description: 'The key as the password.' },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: 'millrace',
        description: 'Set by signing in; `__Host-millrace` over TLS.',
      },
    },
  }
}
