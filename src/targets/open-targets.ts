import { MillraceError } from '#kernel/errors.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { findTarget } from '#catalog/delivery-targets.ts'
import type { Egress } from '#egress/egress.ts'
import type { DeliveryTarget, TargetWish } from '#model/delivery.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Secrets } from '#secrets/secrets.ts'
import { createPostgresTarget, postgresWish } from '#targets/postgres-target.ts'
import { createS3Target, s3Wish, type S3TargetParts } from '#targets/s3-target.ts'
import { readTargetOptions, type TargetKind } from '#targets/target-options.ts'
import { createWebhookTarget, webhookWish } from '#targets/webhook-target.ts'

export interface TargetParts extends S3TargetParts {
  readonly catalog: Catalog
  readonly secrets: Secrets
  readonly egress: Egress
}

/** Every kind of place beside files. */
export function openTargets(parts: TargetParts): DeliveryTarget[] {
  return [
    createS3Target(parts, readTargetOptions(parts, 's3')),
    createPostgresTarget(parts.egress, readTargetOptions(parts, 'postgres')),
    createWebhookTarget(parts, readTargetOptions(parts, 'webhook')),
  ] as DeliveryTarget[]
}

const wishes = { s3: s3Wish, postgres: postgresWish, webhook: webhookWish }

/**
 * What a delivery stores of the target that it goes to. `options` are those of one delivery: the table,
 * the path. Throws `target-unknown`, `input-invalid`.
 */
export async function targetWishOf(
  catalog: Catalog,
  tenant: Tenant,
  name: string,
  options: Readonly<Record<string, unknown>>,
): Promise<TargetWish> {
  const stored = await catalog.asTenant(tenant, (session) => findTarget(session, name))
  if (!stored) throw new MillraceError('target-unknown', { target: name })
  const kind = stored.kind as TargetKind
  const parsed = wishes[kind].safeParse(options)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const keys = issue?.code === 'unrecognized_keys' ? issue.keys : (issue?.path ?? [])
    const message =
      issue?.code === 'unrecognized_keys' ? `is nothing that ${kind} knows` : issue?.message
    throw new MillraceError('input-invalid', {
      path: ['targetOptions', ...keys.map(String)].join('.'),
      message: message ?? 'cannot be used',
    })
  }
  const wish = { kind, target: name, options: parsed.data }
  if (kind === 'postgres' && 'mode' in parsed.data) {
    const { mode, key } = parsed.data
    if (mode === 'upsert' && key === undefined) {
      const message = 'is needed to tell rows apart: the columns of a key'
      throw new MillraceError('input-invalid', { path: 'targetOptions.key', message })
    }
  }
  return wish
}
