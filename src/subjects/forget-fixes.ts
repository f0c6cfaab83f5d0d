import { fixWords, forgetFixes } from '#catalog/fixes.ts'
import { RecordGuard } from '#engine/subjects/record-guard.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { FixAction } from '#model/mend.ts'
import type { SubjectRules } from '#model/subject.ts'
import type { Tenant } from '#model/tenant.ts'

const PAGE = 1_000

/**
 * Takes the words of fixes away that are about somebody who is erased: what stands in them would come
 * back with the next reading. Done again it finds nothing.
 */
export async function forgetFixesOf(
  { catalog }: Pick<FactoryParts, 'catalog'>,
  tenant: Tenant,
  dataset: string,
  rules: SubjectRules,
): Promise<number> {
  const guard = new RecordGuard(rules)
  let forgotten = 0
  for (let after: readonly [string, string, string] = ['', '', '']; ;) {
    const { last, isEnd, count } = await catalog.asTenant(tenant, async (session) => {
      const page = await fixWords(session, dataset, after, PAGE)
      const about = page.filter(({ action }) =>
        textsOf(action).some((text) => guard.mentioned(text) === 'erased'),
      )
      if (about.length > 0) await forgetFixes(session, dataset, about)
      return { last: page.at(-1), isEnd: page.length < PAGE, count: about.length }
    })
    forgotten += count
    if (isEnd || !last) return forgotten
    after = [last.partition, last.record, last.state]
  }
}

function textsOf(action: FixAction | { readonly kind: 'withdraw' }): string[] {
  switch (action.kind) {
    case 'replace':
      return [action.record]
    case 'set':
      return Object.values(action.values).filter((text) => text !== null)
    case 'drop':
      return [action.reason]
    case 'withdraw':
      return []
  }
}
