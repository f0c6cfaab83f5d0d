import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { addPartitionOptions, partitionOf } from '#cli/commands/partition-options.ts'
import { addRegionOptions, regionOf } from '#cli/commands/region-options.ts'
import { addTenantOptions, namesTenants, tenantsOf } from '#cli/commands/tenant-options.ts'
import { planTenants } from '#cli/plan-tenants.ts'
import { marks, paint } from '#cli/render/look.ts'
import { renderPlan, renderPlanTasks } from '#cli/render/plan-view.ts'
import { showPlan } from '#operations/plans/show.ts'

export const planCommand: Command = {
  define(command) {
    command.argument('[datasets...]', 'datasets that are asked for; none: all of them')
    addPartitionOptions(command)
    addRegionOptions(command)
    addTenantOptions(command)
    command
      .option('--rerun', 'plan a `rerun`: exactly these partitions, even if fresh')
      .option('--tasks', 'list every task with all of its causes')
  },
  async run(context, datasets, options) {
    const door = await context.door()
    const what = datasets.length === 0 ? 'everything' : datasets.join(' ')
    const region = {
      datasets: [...datasets],
      partition: partitionOf(options),
      mode: options['rerun'] ? ('rerun' as const) : ('run' as const),
      ...regionOf(options),
    }
    const tenants = tenantsOf(options)
    if (namesTenants(tenants)) {
      return planTenants(context, door, { ...region, ...tenants }, what)
    }
    const plan = await door.invoke(showPlan, region)
    if (context.json) {
      context.terminal.print([JSON.stringify(plan, null, 2)])
      return exitCodes.done
    }
    const look = context.terminal.outLook()
    context.terminal.print([
      `${paint(look, 'strong', 'Plan')} for ${what} ${paint(look, 'faint', `· tenant ${door.tenant}`)}`,
      ...(options['tasks'] ? renderPlanTasks(look, plan) : renderPlan(look, plan)),
      ...(plan.token === null || plan.summary.tasks === 0
        ? []
        : [
            `  ${paint(look, 'accent', marks.next)} exactly this: millrace run --plan ${plan.token}`,
          ]),
    ])
    return exitCodes.done
  },
}
