import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { paint } from '#cli/render/look.ts'
import { renderHealth } from '#cli/render/health-view.ts'
import { healthCheck } from '#operations/health/check.ts'

export const doctorCommand: Command = {
  define(command) {
    command.option('--deep', 'read every published file again and compare it with its SHA-256')
  },
  async run(context, _args, options) {
    const door = await context.door()
    const health = await door.invoke(healthCheck, { deep: options['deep'] === true })
    const { terminal } = context
    if (context.json) terminal.print([JSON.stringify({ ...health, server: door.address }, null, 2)])
    else {
      const look = terminal.outLook()
      const place = door.address ?? 'no server runs; the catalog was opened for this command'
      terminal.print([
        `${paint(look, 'strong', 'Health')} ${paint(look, 'faint', `· ${place}`)}`,
        ...renderHealth(look, health),
      ])
    }
    return health.state === 'problem' ? exitCodes.failed : exitCodes.done
  },
}
