import type { Command as Commander } from 'commander'

import type { Command, CommandContext, ExitCode } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { addPartitionOptions, partitionOf } from '#cli/commands/partition-options.ts'
import { addSourceOptions, configureFrom } from '#cli/commands/source-options.ts'
import { followRun } from '#cli/follow-run.ts'
import { onInterrupts } from '#cli/interrupts.ts'
import { paint } from '#cli/render/look.ts'
import { renderPlan } from '#cli/render/plan-view.ts'
import { renderSummary } from '#cli/render/summary-view.ts'
import { startRun } from '#operations/runs/start.ts'

type Mode = 'run' | 'rerun'

/** More than anybody reads; the counts speak of all. */
const PLAN_TASKS_MAX = 10_000

export const runCommand: Command = {
  define(command) {
    command.argument('[datasets...]', 'datasets that are asked for; none: all of them')
    addPartitionOptions(command)
    addSourceOptions(command)
    addRunOptions(command)
  },
  run: (context, datasets, options) => runMode('run', context, datasets, options),
}

export const rerunCommand: Command = {
  define(command) {
    command.argument('<datasets...>', 'datasets to compute again')
    addPartitionOptions(command)
    addRunOptions(command)
  },
  run: (context, datasets, options) => runMode('rerun', context, datasets, options),
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
      mode,
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
  ]
    .join(' ')
    .slice(0, 200)
}
