import { z } from 'zod'

import { tenantsBySlug } from '#catalog/tenants.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { optionFields } from '#operations/sources/source-options.ts'
import { prepareBeginning } from '#operations/tenants/beginning.ts'
import {
  goOnInCell,
  isBeingSetUp,
  onboardedBefore,
  onboardInCell,
  onboardTenant,
} from '#operations/tenants/onboard.ts'
import { ownFields, providedFields, slugField } from '#operations/tenants/setting-fields.ts'
import { tenantData } from '#operations/tenants/tenant-data.ts'

const shown = Object.keys({ ...ownFields, ...providedFields }).filter((name) => name !== 'logo')

export const createTenantOperation = defineOperation({
  name: 'tenants.create',
  summary: 'Add a tenant in one step: settings, sources, limits, first key; all of it or nothing',
  permission: 'operator',
  audit: ['slug', ...shown, 'admin', 'cell'],
  rest: {
    method: 'POST',
    path: '/v1/tenants',
    headers: { idempotencyKey: 'idempotency-key' },
  },
  argumentFields: ['slug'],
  input: z.strictObject({
    slug: slugField.describe('Name in addresses: lower-case letters, digits, `-`; never reused.'),
    ...ownFields,
    ...providedFields,
    sources: z
      .record(z.string().min(1).max(200), z.strictObject(optionFields))
      .optional()
      .describe(
        'Options of its sources by dataset, as `sources configure` takes them: {"events": {"location": "s3://…"}}.',
      )
      .meta({ secret: true }),
    admin: z
      .email()
      .max(254)
      .optional()
      .describe('E-mail address of its first owner, who is invited.'),
    cell: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .describe('Name of the cell that holds its data; default: with those of others.'),
    withoutKey: z.boolean().default(false).describe('Make no first key.'),
    idempotencyKey: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('The same key with the same request again answers what exists.'),
  }),
  output: tenantData.extend({
    /** False: the same request has made it before, and keys are shown once only. */
    created: z.boolean(),
    keyId: z.string().nullable(),
    /** Shown now and never again. */
    key: z.string().nullable(),
    /** What its first owner opens; null where it is sent by mail, or nobody is invited. */
    invitation: z.string().nullable(),
  }),
  async handler({ idempotencyKey, ...input }, { parts, caller }) {
    const { slug } = input
    const request =
      idempotencyKey === undefined
        ? null
        : { requestKey: idempotencyKey, requestHash: sha256(canonicalJson(input)) }
    const [existing] = await tenantsBySlug(parts.catalog, [slug])
    const isBegun = existing !== undefined && (await isBeingSetUp(parts, existing))
    if (existing && !isBegun) return onboardedBefore(parts, slug, request)
    const beginning = await prepareBeginning(parts, input, request)
    const { cell } = input
    try {
      const answer =
        cell === undefined
          ? await onboardTenant(parts, caller, beginning)
          : existing
            ? await goOnInCell(parts, caller, beginning, cell, existing)
            : await onboardInCell(parts, caller, beginning, cell)
      parts.log.info('tenant created', { tenant: slug, by: caller.name })
      return answer
    } catch (thrown) {
      // A twin was faster.
      const isTaken = thrown instanceof MillraceError && thrown.code === 'tenant-exists'
      if (!isTaken || isBegun) throw thrown
      return onboardedBefore(parts, slug, request)
    }
  },
})
