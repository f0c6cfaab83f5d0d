import { exitCodes, type CommandContext, type ExitCode } from '#cli/command.ts'
import type { Door } from '#cli/door/door.ts'
import { onInterrupts } from '#cli/interrupts.ts'
import { LiveBlock } from '#cli/live-block.ts'
import { renderDelivery } from '#cli/render/delivery-view.ts'
import { cancelDelivery } from '#operations/deliveries/cancel.ts'
import type { DeliveryData } from '#operations/deliveries/delivery-data.ts'
import { showDelivery } from '#operations/deliveries/show.ts'

const FIRST_POLL_MS = 50
const POLL_MS = 500

/** Shows a delivery until it has ended, then where its file is. Ctrl-C cancels it. */
export async function followDelivery(
  context: CommandContext,
  door: Door,
  { id }: DeliveryData,
): Promise<ExitCode> {
  const { terminal, clock, json } = context
  const live = terminal.errIsTty && !json ? new LiveBlock(terminal.err) : null
  const interrupts = onInterrupts(terminal)
  let interrupted = false
  interrupts.onFirst(() => {
    interrupted = true
    if (!json) terminal.note(['cancelling the delivery'])
    void door.invoke(cancelDelivery, { delivery: id }).catch(() => {})
  })
  try {
    let pollMs = FIRST_POLL_MS
    for (;;) {
      const shown = await door.invoke(showDelivery, { delivery: id })
      if (shown.state !== 'queued' && shown.state !== 'running') {
        live?.clear()
        if (json) terminal.print([JSON.stringify(shown, null, 2)])
        else terminal.print(renderDelivery(terminal.outLook(), shown))
        if (interrupted) return exitCodes.interrupted
        return shown.state === 'ready' ? exitCodes.done : exitCodes.failed
      }
      live?.draw(renderDelivery(terminal.errLook(), shown))
      await clock.sleep(pollMs)
      pollMs = Math.min(POLL_MS, pollMs * 1.5)
    }
  } finally {
    live?.clear()
    interrupts.stop()
  }
}
