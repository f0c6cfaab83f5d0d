import type { Command as Commander } from 'commander'

import type { Command, CommandContext, ExitCode } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { addPartitionOptions, partitionOf } from '#cli/commands/partition-options.ts'
import { addSourceOptions, configureFrom } from '#cli/commands/source-options.ts'
import { addRegionOptions, regionOf } from '#cli/commands/region-options.ts'
import { runTenants } from '#cli/commands/run-tenants.ts'
import { addTenantOptions, namesTenants, tenantsOf } from '#cli/commands/tenant-options.ts'
import { followRun } from '#cli/follow-run.ts'
import { onInterrupts } from '#cli/interrupts.ts'
import { paint } from '#cli/render/look.ts'
import { renderPlan } from '#cli/render/plan-view.ts'
import { renderSummary } from '#cli/render/summary-view.ts'
import { MillraceError } from '#kernel/errors.ts'
import { startRun } from '#operations/runs/start.ts'

type Mode = 'run' | 'rerun'

/** More than anybody reads; the counts speak of all. */
const PLAN_TASKS_MAX = 10_000

export const runCommand: Command = {
  define(command) {
    command.argument('[datasets...]', 'datasets that are asked for; none: all of them')
    addPartitionOptions(command)
    addSourceOptions(command)
    addRegionOptions(command)
    addTenantOptions(command)
    command.option('--plan <token>', 'exactly the plan that was shown, unless the world has moved')
    addRunOptions(command)
  },
  run: (context, datasets, options) =>
    namesTenants(tenantsOf(options))
      ? runTenants(context, datasets, options, titleOf('run', datasets, options))
      : runMode('run', context, datasets, options),
}

export const rerunCommand: Command = {
  define(command) {
    command.argument('[datasets...]', 'datasets to compute again')
    addPartitionOptions(command)
    command
      .option('--from <task>', 'the partition of this task, and whatever reads it')
      .option(
        '--of <run>',
        'those partitions of the datasets that this run had, and what reads them',
      )
      .option('--failed-of <run>', 'what failed, was held, skipped or cancelled in this run')
      .option('--downstream', 'whatever reads them, too, where it comes out otherwise')
      .option('--newest-first', 'newest periods first')
    addRunOptions(command)
  },
  run(context, datasets, options) {
    const isNamed = ['from', 'failedOf'].some((name) => options[name] !== undefined)
    if (datasets.length === 0 && !isNamed) {
      const message = 'rerun what? Name datasets, a task (--from) or a run (--failed-of)'
      throw new MillraceError('usage-invalid', { message, command: 'rerun' })
    }
    return runMode('rerun', context, datasets, options)
  },
}

function addRunOptions(command: Commander): void {
  command.option('--detach', 'leave when the tasks are queued, where a server works on them')
}

async function runMode(
  mode: Mode,
  context: CommandContext,
  datasets: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<ExitCode> {
  const { terminal, clock, json } = context
  const startedMs = clock.monotonicMs()
  const interrupts = onInterrupts(terminal)
  try {
    const partition = partitionOf(options)
    const door = await context.door({ working: true })
    await configureFrom(door, datasets, options)
    const { run, plan } = await door.invoke(startRun, {
      datasets: [...datasets],
      partition,
      mode: options['plan'] === undefined ? mode : 'run',
      ...regionOf(options),
      ...formsOf(mode, options),
      tasksMax: PLAN_TASKS_MAX,
      title: titleOf(mode, datasets, options),
    })
    if (!json) {
      const look = terminal.outLook()
      terminal.print([
        heading(look, mode, datasets, partition, door.tenant),
        ...renderPlan(look, plan),
      ])
    }
    if (!run) {
      if (json) terminal.print([JSON.stringify({ run: null })])
      return exitCodes.done
    }
    if (options['detach'] && door.address !== null) {
      if (json) terminal.print([JSON.stringify({ run }, null, 2)])
      else terminal.print([`  started ${run.id} · millrace runs ${run.id}`])
      return exitCodes.done
    }
    if (!json) terminal.note([''])
    const { view, interrupted } = await followRun(context, door, run.id, interrupts)
    const tookMs = clock.monotonicMs() - startedMs
    if (json) terminal.print([JSON.stringify(view, null, 2)])
    else terminal.print(renderSummary(terminal.outLook(), view, tookMs))
    if (interrupted) return exitCodes.interrupted
    const bad = view.run.state !== 'done' || view.failures.length > 0
    return bad ? exitCodes.failed : exitCodes.done
  } finally {
    interrupts.stop()
  }
}

/** Plans, tasks and runs that stand for a region. */
function formsOf(mode: Mode, options: Readonly<Record<string, unknown>>) {
  const { plan, from, of, failedOf } = options as Partial<Record<string, string>>
  return {
    ...(plan === undefined ? {} : { basis: plan }),
    ...(from === undefined ? {} : { fromTask: Number(from) }),
    ...(of === undefined ? {} : { ofRun: of }),
    ...(failedOf === undefined ? {} : { failedOf }),
    ...(mode === 'rerun' && options['downstream'] === true ? { downstream: true } : {}),
  }
}

function heading(
  look: Parameters<typeof paint>[0],
  mode: Mode,
  datasets: readonly string[],
  partition: string | undefined,
  tenant: string,
): string {
  const what = [...(datasets.length === 0 ? ['everything'] : datasets), partition ?? ''].join(' ')
  return `${paint(look, 'strong', `${mode} ${what}`.trim())} ${paint(look, 'faint', `· tenant ${tenant}`)}`
}

const flags: Readonly<Record<string, string>> = { failedOf: 'failed-of' }

/** The command as it was typed, without what may be secret or long. */
function titleOf(
  mode: Mode,
  datasets: readonly string[],
  options: Readonly<Record<string, unknown>>,
): string {
  const { month, partition } = options as { month?: string; partition?: string }
  return [
    mode,
    ...(datasets.length === 0 ? ['everything'] : datasets),
    ...(month === undefined ? [] : ['--month', month]),
    ...(partition === undefined ? [] : ['--partition', partition]),
    ...['only', 'plan', 'from', 'of', 'failedOf'].flatMap((name) =>
      options[name] === undefined ? [] : [`--${flags[name] ?? name}`, `${options[name] as string}`],
    ),
  ]
    .join(' ')
    .slice(0, 200)
}
