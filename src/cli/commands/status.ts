import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { paint } from '#cli/render/look.ts'
import { renderStatus } from '#cli/render/status-view.ts'
import { showStatus } from '#operations/status/show.ts'

export const statusCommand: Command = {
  define(command) {
    command.argument('[datasets...]', 'only these; none: all of them')
  },
  async run(context, datasets) {
    const door = await context.door()
    const status = await door.invoke(showStatus, { datasets: [...datasets] })
    if (context.json) {
      context.terminal.print([JSON.stringify(status, null, 2)])
      return exitCodes.done
    }
    const look = context.terminal.outLook()
    context.terminal.print([
      `${paint(look, 'strong', 'Status')} ${paint(look, 'faint', `· tenant ${status.tenant}`)}`,
      ...renderStatus(look, status, context.clock.now()),
    ])
    return exitCodes.done
  },
}
