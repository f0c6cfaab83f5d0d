import type { Parts } from '#operations/parts.ts'
import type { Tenant } from '#model/tenant.ts'

/** Views are of the directory, as keys are; their rows come from the tenant's own place. */
export async function whereDataAre<T>(
  parts: Parts,
  tenant: Tenant,
  work: (own: Parts) => Promise<T>,
): Promise<T> {
  const held = await parts.cells.holdFor(tenant)
  try {
    return await work(held?.parts ?? parts)
  } finally {
    held?.release()
  }
}
