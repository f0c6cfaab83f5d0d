import type { OpenParts } from '#app/compose.ts'
import type { Config } from '#app/config.ts'
import type { CommandContext } from '#cli/command.ts'
import { openLocalDoor } from '#cli/door/local-door.ts'
import { renderHealth } from '#cli/render/health-view.ts'
import { paint } from '#cli/render/look.ts'
import { renderWelcome, type FirstKey } from '#cli/render/welcome-view.ts'
import { millraceVersion } from '#kernel/version.ts'
import { formatDuration } from '#kernel/units.ts'
import { healthCheck } from '#operations/health/check.ts'

export interface Started {
  readonly config: Config
  readonly address: string
  readonly keys: readonly FirstKey[]
  /** By which the first operator comes in; null where there are people. */
  readonly setupLink: string | null
  readonly startedMs: number
  readonly demo: boolean
}

/** What is healthy, what to open, and the keys that nobody will see again. */
export async function sayReady(
  context: CommandContext,
  open: OpenParts,
  started: Started,
): Promise<void> {
  const { terminal, clock, json } = context
  const { config, address, keys, setupLink, startedMs, demo } = started
  // In a shared deployment the check looks at everything of everybody: that is `millrace doctor`.
  const health = open.lock
    ? await (await openLocalDoor(open, 'default')).invoke(healthCheck, {})
    : null
  const readyMs = clock.monotonicMs() - startedMs
  const { parts } = config
  if (json) {
    return terminal.print([JSON.stringify({ address, parts, keys, setupLink, health, readyMs })])
  }
  const look = terminal.outLook()
  if (!parts.includes('api')) {
    const what = `${parts.join(', ')} · health at ${address}/readyz`
    const ready = `${paint(look, 'good', '✓ ready')} in ${formatDuration(readyMs)}`
    return terminal.print([`${ready} · ${what} · Millrace ${millraceVersion()}`])
  }
  terminal.print([
    '',
    ...(health ? [paint(look, 'strong', 'Health'), ...renderHealth(look, health), ''] : []),
    ...renderWelcome(look, {
      address: config.publicUrl ?? address,
      keys,
      setupLink,
      home: config.home,
      version: millraceVersion(),
      readyMs,
      demo,
    }),
  ])
}
