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
  /** False: where nothing is deployed yet, nothing is. */
  readonly deploys: boolean
  readonly log: Logger
}

/**
 * With MILLRACE_URL a client of that server; else of the server that holds this home's lock; else
 * the parts are opened in this process for the time of the command (with DATABASE_URL always: who
 * has it is an operator).
 */
export async function openDoor(config: Config, wishes: DoorWishes): Promise<Door> {
  const tenant = wishes.tenant ?? config.tenant
  if (config.url !== null) {
    const key = config.key ?? (await operatorKeyOf(config))
    if (key !== null) return openRemoteDoor({ url: config.url, key, tenant })
  }
  if (config.databaseUrl === null) {
    const owner = await readLock(config.home)
    const key = owner?.address ? await readLocalKey(config.home) : null
    if (owner?.address && key) {
      return openRemoteDoor({ url: owner.address, key, tenant: tenant ?? 'default' })
    }
  }
  return openHere(config, tenant ?? 'default', wishes)
}

async function operatorKeyOf({ operatorKeyFile }: Config): Promise<string | null> {
  const { readOperatorKey } = await import('#app/operator-key.ts')
  return readOperatorKey(operatorKeyFile)
}

async function openHere(
  config: Config,
  tenant: string,
  { log, working, deploys }: DoorWishes,
): Promise<Door> {
  const [{ openParts }, { clearScratch, openLocalDoor }, { systemClock }, { systemRandom }] =
    await Promise.all([
      import('#app/compose.ts'),
      import('#cli/door/local-door.ts'),
      import('#kernel/clock.ts'),
      import('#kernel/random.ts'),
    ])
  const surroundings = { clock: systemClock, random: systemRandom, log, working, deploys }
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
