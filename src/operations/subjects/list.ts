import { z } from 'zod'

import { rulesOf, valuesOff } from '#catalog/subject-rules.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  collectionStates,
  kindField,
  scopeOf,
  seenData,
  toSeenData,
} from '#operations/subjects/subject-fields.ts'

const nobodySeen = { rows: 0, firstMs: null, lastMs: null }

export const listSubjects = defineOperation({
  name: 'subjects.list',
  summary: 'Subjects that published data of sources names, with when they were seen',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/subjects/{kind}' },
  input: z.strictObject({
    kind: kindField,
    prefix: z.string().max(10_000).default('').describe('Only those that begin with this.'),
    collection: z
      .enum(['any', 'off'])
      .default('any')
      .describe(
        '`off`: only those whose rows are withheld, even if nothing is published about them.',
      ),
    limit: z.int().min(1).max(1_000).default(100).describe('Most subjects of the answer.'),
    after: z
      .string()
      .max(200_000)
      .optional()
      .describe('Goes on from here: `next` of the former page.'),
  }),
  output: z.object({
    subjects: z.array(seenData.extend({ value: z.string(), collection: z.enum(collectionStates) })),
    next: z.string().nullable(),
  }),
  async handler(input, { parts, caller, signal }) {
    const { kind, prefix, collection, limit } = input
    const scope = scopeOf(parts, caller, kind, signal)
    const after = input.after === undefined ? null : valueAfter(input.after)
    const off =
      collection === 'off'
        ? await parts.catalog.asTenant(caller.tenant, (session) =>
            valuesOff(session, kind, { prefix, after, limit }),
          )
        : null
    const page = { prefix, after: off ? null : after, values: off, limit }
    const seen = off?.length === 0 ? [] : await parts.subjects.list(scope, page)
    const bySubject = new Map(seen.map((subject) => [subject.value, subject]))
    const values = off ?? seen.map(({ value }) => value)
    const rules = await parts.catalog.asTenant(caller.tenant, (session) =>
      rulesOf(session, kind, values),
    )
    return {
      subjects: values.map((value) => ({
        value,
        ...toSeenData(bySubject.get(value) ?? nobodySeen),
        collection: rules.get(value)?.state ?? ('on' as const),
      })),
      next: values.length < limit ? null : Buffer.from(values.at(-1) ?? '').toString('base64url'),
    }
  },
})

function valueAfter(cursor: string): string {
  const value = Buffer.from(cursor, 'base64url').toString()
  if (Buffer.from(value).toString('base64url') === cursor) return value
  throw new MillraceError('input-invalid', { path: 'after', message: 'is not `next` of a page' })
}
