import type { CommandContext } from '#cli/command.ts'
import type { Door } from '#cli/door/door.ts'
import { LiveBlock } from '#cli/live-block.ts'
import { renderMilestones, renderProgress } from '#cli/render/progress-view.ts'
import { cancelRun } from '#operations/runs/cancel.ts'
import { getRun } from '#operations/runs/get.ts'
import type { RunViewData } from '#operations/runs/run-view-data.ts'

const FRAME_MS = 100
const TICK_MS = 250
const WAIT_MS = 10_000

export interface Followed {
  readonly view: RunViewData
  readonly interrupted: boolean
}

/**
 * Shows a run until it has ended. Ctrl-C cancels it and waits until everything is consistent; a
 * second Ctrl-C leaves at once.
 */
export async function followRun(
  context: CommandContext,
  door: Door,
  runId: string,
  interrupts: { onFirst: (listener: () => void) => void },
): Promise<Followed> {
  const { terminal, clock, json } = context
  const startedMs = clock.monotonicMs()
  const live = terminal.errIsTty && !json ? new LiveBlock(terminal.err) : null
  let interrupted = false
  let view = await door.invoke(getRun, { run: runId })
  let former: RunViewData | null = null
  let drawnMs = -Infinity

  const draw = () => {
    const elapsedMs = clock.monotonicMs() - startedMs
    const height = terminal.errHeight()
    drawnMs = clock.monotonicMs()
    live?.draw(
      renderProgress(terminal.errLook(), view, { elapsedMs, height, cancelling: interrupted }),
    )
  }
  interrupts.onFirst(() => {
    interrupted = true
    draw()
    if (!live && !json) terminal.note(['cancelling: waiting until everything is consistent'])
    void door.invoke(cancelRun, { run: runId }).catch(() => {})
  })
  const ticking = live ? setInterval(draw, TICK_MS) : null
  try {
    for (;;) {
      if (!live && !json) terminal.note(renderMilestones(terminal.errLook(), former, view))
      if (clock.monotonicMs() - drawnMs >= FRAME_MS) draw()
      if (view.run.state !== 'running') return { view, interrupted }
      former = view
      view = await door.invoke(getRun, { run: runId, after: view.revision, waitMs: WAIT_MS })
      const sinceMs = clock.monotonicMs() - drawnMs
      if (live && sinceMs < FRAME_MS) await clock.sleep(FRAME_MS - sinceMs)
    }
  } finally {
    if (ticking) clearInterval(ticking)
    live?.clear()
  }
}
