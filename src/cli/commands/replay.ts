import { exitCodes, type CommandContext, type ExitCode } from '#cli/command.ts'
import { followRun } from '#cli/follow-run.ts'
import { onInterrupts } from '#cli/interrupts.ts'
import { renderSummary } from '#cli/render/summary-view.ts'
import { counted } from '#cli/render/units.ts'
import { replayQuarantine } from '#operations/quarantine/replay.ts'

/** Applies what waits for a source, and follows the run to its end. */
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
    const { run, fixes, repairs, partitions } = answer
    if (!json) {
      const what = [counted(fixes, 'fix', 'fixes'), counted(repairs, 'repair')].join(' and ')
      terminal.print([
        `replay ${dataset}: ${what} applied, ${counted(partitions.length, 'partition')}`,
      ])
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
