import type { CommandContext, ExitCode } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import type { Door } from '#cli/door/door.ts'
import { LiveBlock } from '#cli/live-block.ts'
import { renderBackfill, renderBackfillEnd } from '#cli/render/backfill-view.ts'
import type { BackfillData } from '#operations/backfills/backfill-data.ts'
import { cancelBackfill } from '#operations/backfills/cancel.ts'
import { showBackfill } from '#operations/backfills/show.ts'
import { formatCount } from '#kernel/units.ts'

const FIRST_POLL_MS = 100
const POLL_MS = 1_000
const TENANTS_MAX = 10_000

/**
 * Shows a backfill until it has ended, then how it came out. Ctrl-C cancels it and waits until
 * everything is consistent; a second Ctrl-C leaves at once.
 */
export async function followBackfill(
  context: CommandContext,
  door: Door,
  id: string,
  interrupts: { onFirst: (listener: () => void) => void },
): Promise<ExitCode> {
  const { terminal, clock, json } = context
  const live = terminal.errIsTty && !json ? new LiveBlock(terminal.err) : null
  let interrupted = false
  interrupts.onFirst(() => {
    interrupted = true
    if (!json) terminal.note(['cancelling: waiting until everything is consistent'])
    void door.invoke(cancelBackfill, { backfill: id }).catch(() => {})
  })
  let pollMs = FIRST_POLL_MS
  let tenths = 0
  try {
    for (;;) {
      const { backfill } = await door.invoke(showBackfill, { backfill: id, limit: 1 })
      live?.draw(renderBackfill(terminal.errLook(), backfill, clock.now()))
      if (!isOpen(backfill)) break
      if (!live && !json && tenthsOf(backfill) > tenths) {
        tenths = tenthsOf(backfill)
        terminal.note([`  ${progressOf(backfill)}`])
      }
      await clock.sleep(pollMs)
      pollMs = Math.min(POLL_MS, pollMs * 1.5)
    }
  } finally {
    live?.clear()
  }
  const ended = await door.invoke(showBackfill, { backfill: id, limit: TENANTS_MAX })
  if (json) terminal.print([JSON.stringify(ended.backfill, null, 2)])
  else terminal.print(renderBackfillEnd(terminal.outLook(), ended, clock.now()))
  if (interrupted) return exitCodes.interrupted
  const { state, tasks } = ended.backfill
  return state === 'done' && tasks.failed + tasks.held === 0 ? exitCodes.done : exitCodes.failed
}

function isOpen({ state }: BackfillData): boolean {
  return state === 'planning' || state === 'running' || state === 'paused'
}

function endedTenants({ tenants }: BackfillData): number {
  return tenants.total - tenants.planning - tenants.running
}

function tenthsOf(backfill: BackfillData): number {
  return Math.floor((10 * endedTenants(backfill)) / Math.max(1, backfill.tenants.total))
}

function progressOf(backfill: BackfillData): string {
  const { tenants, tasks } = backfill
  return `${formatCount(endedTenants(backfill))} of ${formatCount(tenants.total)} tenants · ${formatCount(tasks.done + tasks.unchanged)} tasks done`
}
