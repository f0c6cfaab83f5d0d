import { z } from 'zod'

import type { StoredTarget } from '#catalog/delivery-targets.ts'
import { targetKinds, targetSecrets } from '#targets/target-options.ts'

export const targetField = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'is not made of lower-case letters, digits, `-` and `_`')
  .meta({ names: 'target' })
  .describe('Name of the target.')

export const targetData = z
  .object({
    target: z.string(),
    kind: z.enum(targetKinds),
    /** Secrets are shown as dots. */
    options: z.record(z.string(), z.unknown()),
    createdBy: z.string(),
    createdAt: z.string(),
    changedAt: z.string(),
  })
  .meta({ entity: 'Target' })

const MASK = '••••••••'

export function toTargetData(stored: StoredTarget): z.input<typeof targetData> {
  const shown = Object.entries(stored.options).map(([name, value]) => [
    name,
    targetSecrets.includes(name) ? MASK : value,
  ])
  return {
    target: stored.name,
    kind: stored.kind as z.input<typeof targetData>['kind'],
    options: Object.fromEntries(shown) as Record<string, unknown>,
    createdBy: stored.createdBy,
    createdAt: stored.createdAt.toISOString(),
    changedAt: stored.changedAt.toISOString(),
  }
}
