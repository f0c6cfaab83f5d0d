import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { addPartitionOptions, partitionOf } from '#cli/commands/partition-options.ts'
import { addRegionOptions, regionOf } from '#cli/commands/region-options.ts'
import { renderBackfill } from '#cli/render/backfill-view.ts'
import { createBackfillOperation } from '#operations/backfills/create.ts'

export const backfillCommand: Command = {
  define(command) {
    command.argument('[datasets...]', 'datasets that are asked for; none: all of them')
    addPartitionOptions(command)
    addRegionOptions(command)
    command
      .option('--rerun', 'exactly these partitions, even if fresh')
      .option('--tenants <names>', 'these tenants, separated by commas (operators)')
      .option('--all-tenants', 'every tenant (operators)')
      .option('--concurrency <count>', 'most batches at the same time, over all tenants')
      .option(
        '--class <class>',
        '`backfill` yields to everything else, `normal` does not',
        'backfill',
      )
      .option('--title <text>', 'what it is called in lists')
  },
  async run(context, datasets, options) {
    const door = await context.door()
    const { tenants, concurrency, title } = options as Partial<Record<string, string>>
    const backfill = await door.invoke(createBackfillOperation, {
      datasets: [...datasets],
      partition: partitionOf(options),
      mode: options['rerun'] ? 'rerun' : 'run',
      ...regionOf(options),
      ...(tenants === undefined ? {} : { tenants: tenants.split(',').map((name) => name.trim()) }),
      allTenants: options['allTenants'] === true,
      ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
      class: options['class'] as 'normal' | 'backfill',
      title,
    })
    const { terminal } = context
    if (context.json) terminal.print([JSON.stringify(backfill, null, 2)])
    else terminal.print(renderBackfill(terminal.outLook(), backfill, context.clock.now()))
    return exitCodes.done
  },
}
