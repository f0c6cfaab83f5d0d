import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { addPartitionOptions, partitionOf } from '#cli/commands/partition-options.ts'
import { addRegionOptions, regionOf } from '#cli/commands/region-options.ts'
import { addTenantOptions, tenantsOf } from '#cli/commands/tenant-options.ts'
import { followBackfill } from '#cli/follow-backfill.ts'
import { onInterrupts } from '#cli/interrupts.ts'
import { planTenants } from '#cli/plan-tenants.ts'
import { renderBackfill } from '#cli/render/backfill-view.ts'
import { renderWhoWorks } from '#cli/render/who-works.ts'
import { createBackfillOperation } from '#operations/backfills/create.ts'

const EXPLAINED = `
Where a server works on it, the command returns when the backfill is queued (--follow stays).
Where none runs, this process does the work and stays until its end, as \`run\` does.`

export const backfillCommand: Command = {
  define(command) {
    command.argument('[datasets...]', 'datasets that are asked for; none: all of them')
    addPartitionOptions(command)
    addRegionOptions(command)
    addTenantOptions(command)
    command
      .option('--rerun', 'exactly these partitions, even if fresh')
      .option('--dry-run', 'only show what would run for each tenant')
      .option('--concurrency <count>', 'most batches at the same time, over all tenants')
      .option(
        '--class <class>',
        '`backfill` yields to everything else, `normal` does not',
        'backfill',
      )
      .option('--title <text>', 'what it is called in lists')
      .option('--follow', 'stay until its end, behind a server too; Ctrl-C cancels it')
      .option('--detach', 'leave when it is queued, even where nothing works on it yet')
      .addHelpText('after', EXPLAINED)
  },
  async run(context, datasets, options) {
    const { terminal, json, config, clock } = context
    const region = {
      datasets: [...datasets],
      partition: partitionOf(options),
      mode: options['rerun'] ? ('rerun' as const) : ('run' as const),
      ...regionOf(options),
      ...tenantsOf(options),
    }
    if (options['dryRun']) {
      const what = datasets.length === 0 ? 'everything' : datasets.join(' ')
      return planTenants(context, await context.door(), region, what)
    }
    const { concurrency, title } = options as Partial<Record<string, string>>
    const detaches = options['detach'] === true
    const interrupts = onInterrupts(terminal)
    try {
      const door = await context.door({ working: !detaches })
      const backfill = await door.invoke(createBackfillOperation, {
        ...region,
        ...(concurrency === undefined ? {} : { concurrency: Number(concurrency) }),
        class: options['class'] as 'normal' | 'backfill',
        title,
      })
      const follows = !detaches && (door.address === null || options['follow'] === true)
      if (follows) return await followBackfill(context, door, backfill.id, interrupts)
      const look = terminal.outLook()
      const place = { address: door.address, isShared: config.databaseUrl !== null }
      if (json) terminal.print([JSON.stringify(backfill, null, 2)])
      else {
        terminal.print([
          ...renderBackfill(look, backfill, clock.now()),
          ...renderWhoWorks(look, place, 'worker'),
        ])
      }
      return exitCodes.done
    } finally {
      interrupts.stop()
    }
  },
}
