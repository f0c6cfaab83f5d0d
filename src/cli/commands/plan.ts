import type { Command } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { addPartitionOptions, partitionOf } from '#cli/commands/partition-options.ts'
import { addRegionOptions, regionOf } from '#cli/commands/region-options.ts'
import { marks, paint } from '#cli/render/look.ts'
import { renderPlan, renderPlanTasks } from '#cli/render/plan-view.ts'
import { showPlan } from '#operations/plans/show.ts'

export const planCommand: Command = {
  define(command) {
    command.argument('[datasets...]', 'datasets that are asked for; none: all of them')
    addPartitionOptions(command)
    addRegionOptions(command)
    command
      .option('--rerun', 'plan a `rerun`: exactly these partitions, even if fresh')
      .option('--tasks', 'list every task with all of its causes')
  },
  async run(context, datasets, options) {
    const door = await context.door()
    const plan = await door.invoke(showPlan, {
      datasets: [...datasets],
      partition: partitionOf(options),
      mode: options['rerun'] ? 'rerun' : 'run',
      ...regionOf(options),
    })
    if (context.json) {
      context.terminal.print([JSON.stringify(plan, null, 2)])
      return exitCodes.done
    }
    const look = context.terminal.outLook()
    const what = datasets.length === 0 ? 'everything' : datasets.join(' ')
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
