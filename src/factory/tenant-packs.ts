import type { Catalog } from '#catalog/catalog.ts'
import { tenantPacks } from '#catalog/tenant-settings.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { Clock } from '#kernel/clock.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { Tenant } from '#model/tenant.ts'

/** Which packs tenants have. What is changed counts everywhere after a second. */
export interface TenantPacks {
  /** Names of packs; null: all that are deployed. */
  of(tenant: Tenant): Promise<readonly string[] | null>
}

const REMEMBERED_MS = 1_000
const REMEMBERED_MOST = 1_000

export function openTenantPacks(catalog: Catalog, clock: Clock): TenantPacks {
  const known = new Map<number, { packs: Promise<readonly string[] | null>; untilMs: number }>()
  return {
    of(tenant) {
      const now = clock.monotonicMs()
      const found = known.get(tenant.id)
      if (found && found.untilMs > now) return found.packs
      if (known.size >= REMEMBERED_MOST) known.clear()
      const packs = catalog.asTenant(tenant, tenantPacks)
      known.set(tenant.id, { packs, untilMs: now + REMEMBERED_MS })
      packs.catch(() => known.delete(tenant.id))
      return packs
    },
  }
}

export function hasPack(packs: readonly string[] | null, pack: string): boolean {
  return packs === null || packs.includes(pack)
}

/** For each code: what tenants with the same packs share. */
const narrowed = new WeakMap<FactoryParts, Map<string, FactoryParts>>()

/** The parts as a tenant with these packs sees them: without datasets of others. */
export function partsWithPacks(parts: FactoryParts, packs: readonly string[] | null): FactoryParts {
  if (packs === null || parts.datasets.every(({ pack }) => packs.includes(pack))) return parts
  const ofParts = narrowed.get(parts) ?? new Map<string, FactoryParts>()
  narrowed.set(parts, ofParts)
  const name = packs.toSorted().join(' ')
  const found = ofParts.get(name) ?? { ...parts, datasets: datasetsOf(parts.datasets, packs) }
  ofParts.set(name, found)
  return found
}

/** What reads from a pack that is missing is missing, too. */
function datasetsOf(
  datasets: readonly DatasetDefinition[],
  packs: readonly string[],
): DatasetDefinition[] {
  const seen = new Set<string>()
  return datasets.filter((definition) => {
    const inputs = definition.kind === 'analysis' ? definition.inputs : []
    const isSeen =
      packs.includes(definition.pack) && inputs.every(({ dataset }) => seen.has(dataset))
    if (isSeen) seen.add(definition.name)
    return isSeen
  })
}
