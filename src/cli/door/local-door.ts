import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

import type { HeldCell } from '#app/cells.ts'
import { publicUrlOf, type OpenParts } from '#app/compose.ts'
import type { Config } from '#app/config.ts'
import { createPasswordHash } from '#auth/password-hash.ts'
import type { Answer, Door } from '#cli/door/door.ts'
import { openEventFeed } from '#events/event-feed.ts'
import { KEEP_FORMER_MS } from '#factory/sweep-lake.ts'
import { createIntake } from '#factory/append/intake.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import { invoke } from '#operations/invoke.ts'
import { openCallers } from '#operations/open-callers.ts'
import type { Door as RequestDoor } from '#operations/operation.ts'
import type { CellPlaces, Parts } from '#operations/parts.ts'
import { replayErasures } from '#subjects/replay.ts'
import { openSubjectReader } from '#subjects/subject-reader.ts'

const READ_DEADLINE_MS = 600_000

function scratchFolderOf(config: Config): string {
  return join(config.home, 'scratch')
}

/** What operations need, from what the composition opened. */
export async function toOperationParts(open: OpenParts): Promise<Parts> {
  const { engine, egress, secrets, mailer, clock, random, ids, log, config } = open
  const scratchFolder = scratchFolderOf(config)
  await mkdir(scratchFolder, { recursive: true, mode: 0o700 })
  const limits = {
    memoryBytes: Math.floor(config.memoryBytes / 2),
    threads: config.slots,
    deadlineMs: READ_DEADLINE_MS,
  }
  const passwords = createPasswordHash(random)
  const intake = createIntake({
    clock,
    ids,
    tenantBytesMax: config.appendWaitingBytes,
    bytesMax: config.appendWaitingBytesInAll,
  })
  const ofPlaces = new WeakMap<OwnPlace, Parts>()

  function partsOf(place: OwnPlace): Parts {
    const known = ofPlaces.get(place)
    if (known) return known
    const { catalog, lake, factory, deployments, tasks, answers, receipts } = place
    const parts: Parts = {
      factory,
      deployments,
      egress,
      secrets,
      mailer,
      passwords,
      publicUrl: () => publicUrlOf(config, open.lock),
      tasks,
      catalog,
      directory: open.catalog,
      cells,
      lake,
      intake,
      engine,
      readers: open.readers,
      deliveries: place.deliveries,
      answers,
      receipts,
      endpoints: open.endpoints,
      traffic: open.traffic,
      replayErasures: (tenant, about) => replayErasures(place.deployed.current(), tenant, about),
      events: openEventFeed({
        catalog,
        clock,
        log: log.with({ part: 'events' }),
        datasets: () => factory.datasets,
      }),
      subjects: openSubjectReader({ catalog, lake, engine, ids, scratchFolder, limits }),
      clock,
      random,
      ids,
      log,
      scratchFolder,
      limits: { rowsMax: config.rowsMax, keepFormerMs: KEEP_FORMER_MS },
    }
    ofPlaces.set(place, parts)
    return parts
  }

  const held = ({ name, place, release }: HeldCell) => ({ name, parts: partsOf(place), release })
  const cells: CellPlaces = {
    ...open.cells,
    hold: async (name) => held(await open.cells.hold(name)),
    async holdFor(tenant) {
      const cell = await open.cells.holdFor(tenant)
      return cell && held(cell)
    },
  }
  return partsOf(open)
}

type OwnPlace = Pick<
  OpenParts,
  | 'catalog'
  | 'lake'
  | 'factory'
  | 'deployed'
  | 'deployments'
  | 'tasks'
  | 'answers'
  | 'receipts'
  | 'deliveries'
>

/** What a killed process left of answers; whoever holds the home's lock is the only one at work. */
export async function clearScratch({ config, lock }: OpenParts): Promise<void> {
  if (lock) await rm(scratchFolderOf(config), { recursive: true, force: true })
}

const noDoor: RequestDoor = { address: null, agent: null, requestId: null, setSession() {} }

/** The operations in this process, with the rights of whoever may open the catalog: all of them. */
export async function openLocalDoor(open: OpenParts, tenant: string): Promise<Door> {
  const parts = await toOperationParts(open)
  const caller = await openCallers(parts).operator(tenant, 'local')
  const never = new AbortController().signal
  return {
    address: null,
    tenant,
    async invoke(operation, input, signal = never) {
      const output = await invoke(operation, input, { parts, caller, door: noDoor, signal })
      if (operation.output === 'stream') return output as Answer<typeof operation.output>
      return parseExactJson(JSON.stringify(output)) as Answer<typeof operation.output>
    },
    close: () => open.close(),
  }
}
