import { exitCodes, type CommandContext, type ExitCode } from '#cli/command.ts'
import { followRun } from '#cli/follow-run.ts'
import type { Door } from '#cli/door/door.ts'
import { onInterrupts } from '#cli/interrupts.ts'
import { renderSummary } from '#cli/render/summary-view.ts'
import { counted } from '#cli/render/units.ts'
import { formatCount } from '#kernel/units.ts'
import { showAcknowledgement } from '#operations/acknowledgements/show.ts'
import { replayQuarantine } from '#operations/quarantine/replay.ts'

const LOOK_MS = 200

/**
 * Applies what waits for a source, and follows the run to its end; of rows that were sent, until they
 * are in the dataset.
 */
export async function replayAndFollow(
  context: CommandContext,
  [dataset = '']: readonly string[],
): Promise<ExitCode> {
  const { terminal, clock, json } = context
  const startedMs = clock.monotonicMs()
  const interrupts = onInterrupts(terminal)
  try {
    const door = await context.door({ working: true })
    const answer = await door.invoke(replayQuarantine, { dataset })
    const { run, fixes, repairs, partitions, acknowledgements } = answer
    if (!json) {
      const what = [counted(fixes, 'fix', 'fixes'), counted(repairs, 'repair')].join(' and ')
      terminal.print([
        `replay ${dataset}: ${what} applied, ${counted(partitions.length, 'partition')}`,
      ])
    }
    if (!run && acknowledgements.length > 0) {
      const { repaired, held } = await whenVisible(context, door, acknowledgements)
      const what = `${counted(repaired, 'row')} repaired, ${formatCount(held)} still held back`
      terminal.print([json ? JSON.stringify(answer, null, 2) : `  ${what}`])
      return exitCodes.done
    }
    if (!run) {
      terminal.print([json ? JSON.stringify(answer, null, 2) : '  everything is read so already'])
      return exitCodes.done
    }
    const { view, interrupted } = await followRun(context, door, run.id, interrupts)
    if (json) terminal.print([JSON.stringify(view, null, 2)])
    else terminal.print(renderSummary(terminal.outLook(), view, clock.monotonicMs() - startedMs))
    if (interrupted) return exitCodes.interrupted
    const isBad = view.run.state !== 'done' || view.failures.length > 0
    return isBad ? exitCodes.failed : exitCodes.done
  } finally {
    interrupts.stop()
  }
}

/** Whoever leaves before loses nothing: what was asked for is done all the same. */
async function whenVisible(
  { clock }: CommandContext,
  door: Door,
  acknowledgements: readonly string[],
): Promise<{ repaired: number; held: number }> {
  let [repaired, held] = [0, 0]
  for (const acknowledgement of acknowledgements) {
    for (;;) {
      const found = await door.invoke(showAcknowledgement, { acknowledgement })
      if (found.visible) {
        repaired += (found.accepted ?? 0) + (found.repaired ?? 0)
        held += found.quarantined ?? 0
        break
      }
      await clock.sleep(LOOK_MS)
    }
  }
  return { repaired, held }
}
