import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { marks, paint } from '#cli/render/look.ts'
import { counted } from '#cli/render/units.ts'
import { createAcceptance } from '#operations/acceptances/create.ts'

export const acceptCommand: Command = {
  define(command) {
    command
      .argument('<dataset>', 'the dataset whose code changed')
      .requiredOption('--why <text>', 'why the change is harmless')
      .option('--from <code>', 'the former code version, or its beginning, where there are several')
  },
  async run(context, [dataset = ''], options) {
    const door = await context.door()
    const accepted = await door.invoke(createAcceptance, {
      dataset,
      why: options['why'] as string,
      from: options['from'] as string | undefined,
    })
    const { terminal } = context
    if (context.json) {
      terminal.print([JSON.stringify(accepted, null, 2)])
      return exitCodes.done
    }
    const look = terminal.outLook()
    const { acceptance, partitions, tenants } = accepted
    terminal.print([
      `${paint(look, 'good', marks.done)} ${counted(partitions, 'partition')} of ${dataset} in ${counted(tenants, 'tenant')} count as built with the current code`,
      paint(
        look,
        'faint',
        `  from ${acceptance.from.slice(0, 12)} to ${acceptance.to.slice(0, 12)}`,
      ),
      `  ${paint(look, 'accent', marks.next)} take it back with: millrace acceptances withdraw ${dataset}`,
    ])
    return exitCodes.done
  },
}
