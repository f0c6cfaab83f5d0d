import type { Config } from '#app/config.ts'
import { readLock } from '#catalog/embedded-lock.ts'
import type { Door } from '#cli/door/door.ts'
import { readLocalKey } from '#cli/door/local-key.ts'
import { openRemoteDoor } from '#cli/door/remote-door.ts'
import type { Logger } from '#kernel/logger.ts'

export interface DoorWishes {
  /** Of the `--tenant` option. */
  readonly tenant: string | null
  /** The command waits for tasks: in this process somebody has to work on them. */
  readonly working: boolean
  readonly log: Logger
}

/**
 * With MILLRACE_URL a client of that server; else of the server that holds this home's lock; else
 * the parts are opened in this process for the time of the command.
 */
export async function openDoor(config: Config, wishes: DoorWishes): Promise<Door> {
  const tenant = wishes.tenant ?? config.tenant
  if (config.url !== null && config.key !== null) {
    return openRemoteDoor({ url: config.url, key: config.key, tenant })
  }
  if (config.databaseUrl === null) {
    const owner = await readLock(config.home)
    const key = owner?.address ? await readLocalKey(config.home) : null
    if (owner?.address && key) {
      return openRemoteDoor({ url: owner.address, key, tenant: tenant ?? 'default' })
    }
  }
  return openHere(config, wishes.log, tenant ?? 'default', wishes.working)
}

async function openHere(
  config: Config,
  log: Logger,
  tenant: string,
  working: boolean,
): Promise<Door> {
  const [{ openParts }, { clearScratch, openLocalDoor }, { systemClock }, { systemRandom }] =
    await Promise.all([
      import('#app/compose.ts'),
      import('#cli/door/local-door.ts'),
      import('#kernel/clock.ts'),
      import('#kernel/random.ts'),
    ])
  const surroundings = { clock: systemClock, random: systemRandom, log, working }
  const parts = await openParts(config, surroundings)
  try {
    await clearScratch(parts)
    const door = await openLocalDoor(parts, tenant)
    if (working) parts.startWorking()
    return door
  } catch (error) {
    await parts.close()
    throw error
  }
}
