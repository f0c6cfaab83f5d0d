import type { CommandContext, ExitCode } from '#cli/command.ts'
import { exitCodes } from '#cli/command.ts'
import { partitionOf } from '#cli/commands/partition-options.ts'
import { regionOf } from '#cli/commands/region-options.ts'
import { tenantsOf } from '#cli/commands/tenant-options.ts'
import { followBackfill } from '#cli/follow-backfill.ts'
import { onInterrupts } from '#cli/interrupts.ts'
import { renderBackfill } from '#cli/render/backfill-view.ts'
import { MillraceError } from '#kernel/errors.ts'
import { createBackfillOperation } from '#operations/backfills/create.ts'

/** Mean one tenant each. */
const ofOneTenant = {
  plan: 'plan',
  location: 'location',
  region: 'region',
  endpoint: 'endpoint',
  pathStyle: 'path-style',
  anonymous: 'anonymous',
  awsEnvironment: 'aws-environment',
}

/** `run` for many tenants: a backfill that does not yield, followed to its end as a run is. */
export async function runTenants(
  context: CommandContext,
  datasets: readonly string[],
  options: Readonly<Record<string, unknown>>,
  title: string,
): Promise<ExitCode> {
  for (const [option, flag] of Object.entries(ofOneTenant)) {
    if (options[option] === undefined) continue
    const message = `--${flag} is of one tenant: name it with --tenant, without --tenants and --all-tenants`
    throw new MillraceError('usage-invalid', { message, command: 'run' })
  }
  const { terminal, json, clock } = context
  const interrupts = onInterrupts(terminal)
  try {
    const door = await context.door({ working: true })
    const backfill = await door.invoke(createBackfillOperation, {
      datasets: [...datasets],
      partition: partitionOf(options),
      ...regionOf(options),
      ...tenantsOf(options),
      class: 'normal',
      title,
    })
    if (!options['detach'] || door.address === null) {
      return await followBackfill(context, door, backfill.id, interrupts)
    }
    if (json) terminal.print([JSON.stringify(backfill, null, 2)])
    else terminal.print(renderBackfill(terminal.outLook(), backfill, clock.now()))
    return exitCodes.done
  } finally {
    interrupts.stop()
  }
}
