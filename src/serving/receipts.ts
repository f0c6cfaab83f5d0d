import type { Catalog } from '#catalog/catalog.ts'
import { findReceipt, insertReceipt, type StoredVersions } from '#catalog/receipts.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { Tenant } from '#model/tenant.ts'
import type {
  Completeness,
  QuestionData,
  ReadVersion,
  Receipt,
  Receipts,
} from '#serving/receipt.ts'

/** Receipts whose place in the catalog this process knows of. */
const KNOWN_MOST = 100_000

export function openReceipts({ catalog }: { readonly catalog: Catalog }): Receipts {
  const known = new Set<string>()

  return {
    async keep(tenant, receipt) {
      const name = `${tenant.id} ${receipt.id}`
      if (known.has(name)) return
      const versions = storedVersions(receipt.versions)
      const hash = sha256(canonicalJson(versions)).slice(0, 32)
      await catalog.asTenant(tenant, (session) =>
        insertReceipt(session, { ...receipt, versions }, hash),
      )
      for (const oldest of known) {
        if (known.size < KNOWN_MOST) break
        known.delete(oldest)
      }
      known.add(name)
    },

    async find(tenant: Tenant, id: string) {
      const stored = await catalog.asTenant(tenant, (session) => findReceipt(session, id))
      if (!stored) return null
      return {
        ...stored,
        question: stored.question as QuestionData,
        completeness: stored.completeness as Completeness,
        versions: stored.versions.flatMap(([dataset, versions]) =>
          versions.map(([partition, versionId]) => ({ dataset, partition, versionId })),
        ),
      }
    },
  }
}

/** By dataset, as they were read: partitions in the order of their names. */
function storedVersions(versions: Receipt['versions']): StoredVersions {
  const byDataset = Map.groupBy(versions, ({ dataset }: ReadVersion) => dataset)
  return Array.from(byDataset, ([dataset, own]) => [
    dataset,
    own.map(({ partition, versionId }) => [partition, versionId] as const),
  ])
}
