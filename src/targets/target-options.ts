import { z } from 'zod'

import { findTarget } from '#catalog/delivery-targets.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { openFields } from '#secrets/secret-fields.ts'
import { secretPlace, type SecretPlace } from '#secrets/secret-place.ts'
import type { Secrets } from '#secrets/secrets.ts'

/** What a saved target of that kind holds, its secrets open: at the moment of the delivery. */
export type TargetOptionsOf<Options> = (tenant: Tenant, name: string) => Promise<Options>

export const targetKinds = ['s3', 'postgres', 'webhook'] as const
export type TargetKind = (typeof targetKinds)[number]

/** Fields that are sealed and never shown. */
export const targetSecrets = ['databaseUrl', 'secretAccessKey', 'sessionToken', 'signingSecret']

const text = z.string().min(1).max(2000)

/** Closed schema of what each kind of target is told. */
export const targetOptions = {
  s3: z.strictObject({
    location: text.regex(/^s3:\/\/[^/]+\/.+/, 'is written s3://bucket/path'),
    region: text.optional(),
    endpoint: z.url().max(2000).optional(),
    pathStyle: z.boolean().optional(),
    accessKeyId: text.optional(),
    secretAccessKey: text.optional(),
    sessionToken: text.optional(),
  }),
  postgres: z.strictObject({
    databaseUrl: text,
    schema: z.string().min(1).max(63).optional(),
  }),
  webhook: z.strictObject({ url: z.url().max(2000), signingSecret: text }),
} as const satisfies Record<TargetKind, z.ZodObject>

export type TargetOptions<Kind extends TargetKind> = z.output<(typeof targetOptions)[Kind]>

export function targetPlaces(tenantId: number, name: string): (field: string) => SecretPlace {
  return (field) => secretPlace(tenantId, `delivery_target.options.${field}`, name)
}

/** Throws `target-unknown`. */
export function readTargetOptions<Kind extends TargetKind>(
  { catalog, secrets }: { readonly catalog: Catalog; readonly secrets: Secrets },
  kind: Kind,
): TargetOptionsOf<TargetOptions<Kind>> {
  return async (tenant, name) => {
    const stored = await catalog.asTenant(tenant, (session) => findTarget(session, name))
    if (!stored || stored.kind !== kind) throw new MillraceError('target-unknown', { target: name })
    const open = openFields(secrets, stored.options, targetPlaces(tenant.id, name))
    return targetOptions[kind].parse(open) as TargetOptions<Kind>
  }
}
