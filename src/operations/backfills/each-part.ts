import { backfillParts, type BackfillPart } from '#catalog/backfills.ts'
import type { Parts } from '#operations/parts.ts'

const PAGE = 500

/** The tenants of a backfill one after the other, in the order of their names. */
export async function* eachPart(
  parts: Pick<Parts, 'catalog'>,
  backfillId: string,
): AsyncGenerator<BackfillPart> {
  for (let after: string | undefined; ;) {
    const page = await parts.catalog.asSystem((session) =>
      backfillParts(session, backfillId, { after, limit: PAGE }),
    )
    yield* page
    after = page.at(-1)?.tenant.slug
    if (page.length < PAGE) return
  }
}
