import { paint, type Look } from '#cli/render/look.ts'
import { renderTable } from '#cli/render/table.ts'
import { formatInstant } from '#cli/render/units.ts'
import { formatCount } from '#kernel/units.ts'
import type { OutputOf } from '#operations/operation.ts'
import type { listTenantsOperation } from '#operations/tenants/list.ts'

/** One page, how many there are in all, and how to see the next one. */
export function renderTenants(
  look: Look,
  { tenants, next, counts }: OutputOf<(typeof listTenantsOperation)['output']>,
): string[] {
  const columns = [
    { title: 'tenant' },
    { title: 'name' },
    { title: 'state' },
    { title: 'weight', align: 'right', fixed: true },
    { title: 'limit', align: 'right', fixed: true },
    { title: 'since' },
  ] as const
  const rows = tenants.map(({ slug, name, state, weight, limit, createdAt }) => [
    slug,
    name === slug ? '' : name,
    state === 'active' ? state : ({ text: state, tone: 'notice' } as const),
    formatCount(weight),
    limit === null ? '' : formatCount(limit),
    formatInstant(createdAt),
  ])
  const states = Object.entries(counts).filter(([, count]) => count > 0)
  const all = states.map(([state, count]) => `${formatCount(count)} ${state}`).join(' · ')
  return [
    ...(tenants.length > 0 ? renderTable(look, columns, rows) : ['  No tenant is like that.']),
    '',
    paint(look, 'faint', `  ${all}${next === null ? '' : ` · go on with --after ${next}`}`),
  ]
}
