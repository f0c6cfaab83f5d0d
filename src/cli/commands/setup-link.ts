import { exitCodes, type Command } from '#cli/command.ts'
import { paint } from '#cli/render/look.ts'
import { linkSetupOperation } from '#operations/setup/link.ts'

/** The way in for the first operator, or for one more where nobody can get in any longer. */
export const setupLinkCommand: Command = {
  define() {},
  async run(context) {
    const door = await context.door({ deploys: false })
    const made = await door.invoke(linkSetupOperation, {})
    const { terminal } = context
    if (context.json) {
      terminal.print([JSON.stringify(made, null, 2)])
      return exitCodes.done
    }
    const look = terminal.outLook()
    terminal.print([
      paint(look, 'accent', made.link),
      paint(
        look,
        'faint',
        `works once, until ${made.expiresAt}, and makes whoever opens it an operator`,
      ),
    ])
    return exitCodes.done
  },
}
