import type { z } from 'zod'

import type { CommandContext, ExitCode } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import type { Door } from '#cli/door/door.ts'
import { LiveBlock } from '#cli/live-block.ts'
import { renderBar } from '#cli/render/bar.ts'
import { renderTenantPlans } from '#cli/render/tenant-plans-view.ts'
import { counted } from '#cli/render/units.ts'
import { planBackfillOperation } from '#operations/backfills/plan.ts'
import { totalsOf, type TenantPlanData } from '#operations/backfills/tenant-plan.ts'

type Wanted = Omit<z.input<(typeof planBackfillOperation)['input']>, 'after' | 'limit'>

const PAGE_LIVE = 20
const PAGE = 100

/** Shows what a region would run for each tenant; planned page by page, however many there are. */
export async function planTenants(
  { terminal, json }: CommandContext,
  door: Door,
  wanted: Wanted,
  what: string,
): Promise<ExitCode> {
  const live = terminal.errIsTty && !json ? new LiveBlock(terminal.err) : null
  const tenants: TenantPlanData[] = []
  try {
    for (let after: string | undefined; ;) {
      const page = await door.invoke(planBackfillOperation, {
        ...wanted,
        after,
        limit: live ? PAGE_LIVE : PAGE,
      })
      tenants.push(...page.tenants)
      const bar = renderBar(terminal.errLook(), tenants.length / page.asked, 24)
      live?.draw([`  ${bar} ${tenants.length} of ${counted(page.asked, 'tenant')} planned`])
      if (page.next === null) break
      after = page.next
    }
  } finally {
    live?.clear()
  }
  const answer = { tenants, totals: totalsOf(tenants) }
  if (json) terminal.print([JSON.stringify(answer, null, 2)])
  else terminal.print(renderTenantPlans(terminal.outLook(), answer, what))
  return answer.totals.failed > 0 ? exitCodes.failed : exitCodes.done
}
