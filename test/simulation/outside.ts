import { join } from 'node:path'

import type { Engine } from '#engine/engine.ts'
import type { Sources } from '#factory/sources.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Lake } from '#lake/lake.ts'
import type { StagedFile } from '#model/outcome.ts'
import type { Actor } from './schedule.ts'
import type { Surroundings } from './surroundings.ts'
import { describe } from './world.ts'

/** The lake as one process sees it: adopting is lost, late or done twice as the seed wants it. */
export function lakeOf(actor: Actor, around: Surroundings): Lake {
  const { world, schedule, faults } = around

  function take(staged: StagedFile, path: string): void {
    const rows = world.staged.get(staged.path)
    if (!rows) throw new MillraceError('file-missing', { path: staged.path })
    const { sizeBytes, sha256 } = describe(rows)
    const there = world.files.get(path)
    if (there && there.sha256 !== sha256) around.breach(`two attempts wrote ${path}`)
    world.files.set(path, { path, sizeBytes, sha256, rows })
  }

  const unreachable = (path: string) =>
    new MillraceError('lake-unreachable', { path, reason: 'simulated', tries: 1 })

  const own: Partial<Lake> = {
    staging: async (attempt) => join('staged', actor.name, attempt),
    async discardStaging(attempt) {
      const folder = join('staged', actor.name, attempt)
      for (const path of world.staged.keys()) if (path.startsWith(folder)) world.staged.delete(path)
    },
    async adopt(staged, toPath) {
      await schedule.wait(actor, `adopts ${toPath}`)
      const fault = faults.at(actor, 'adopt')
      if (fault === 'lost-before') throw unreachable(toPath)
      if (fault === 'die-before') around.die(actor)
      if (around.planted === 'named-before-adopted') {
        void schedule
          .wait(actor, `has adopted ${toPath}`, schedule.nowMs() + 50)
          // The attempt may have failed, and cleared up, by then.
          .then(() => world.staged.has(staged.path) && take(staged, toPath))
      } else if (!actor.dead) take(staged, toPath)
      if (fault === 'twice') take(staged, toPath)
      if (fault === 'lost-after') throw unreachable(toPath)
      if (fault === 'die-after') around.die(actor)
      await afterFault(actor, around, fault)
      return { path: toPath, sizeBytes: staged.sizeBytes, sha256: staged.sha256 }
    },
    async localPath({ path, sha256 }) {
      const file = world.files.get(path)
      if (file?.sha256 === sha256) return path
      around.breach(`the catalog names ${path}, and the lake has not these bytes`)
      throw new MillraceError('file-missing', { path })
    },
  }
  const held = { localPath: own.localPath, release: async () => {} }
  return { ...own, hold: () => held } as unknown as Lake
}

/** Jobs take a while, sometimes longer than a lease, and fail in ways that pass. */
export function engineOf(actor: Actor, around: Surroundings): Engine {
  const { world, schedule, faults, random, leaseMs } = around
  return {
    async run(job, options) {
      const fault = faults.at(actor, 'compute', job.kind)
      const ms = fault === 'late' ? leaseMs * (1 + random.next()) : 5 + random.next() * 300
      await schedule.wait(actor, `computes ${job.kind}`, schedule.nowMs() + ms, options?.signal)
      if (fault === 'die-before') around.die(actor)
      await afterFault(actor, around, fault)
      if (faults.at(actor, 'outcome', job.kind)) {
        const dataset = job.kind === 'convert' ? job.source.name : job.dataset
        throw new MillraceError('engine-crashed', { subject: dataset, signal: 'SIGSEGV', dataset })
      }
      return world.perform(job) as never
    },
    warm: () => {},
    close: async () => {},
  }
}

export function sourcesOf(
  actor: Actor,
  { world, schedule, faults, leaseMs, ...around }: Surroundings,
): Sources {
  const look = (tenant: string, month: string) => {
    const found = world.object(tenant, month)
    if (!found) return null
    const location = `s3://${tenant}/${month}`
    return { location, etag: found.etag, sizeBytes: 1, modifiedAt: new Date(0) }
  }
  const must = (tenant: string, month: string) => {
    const found = look(tenant, month)
    if (found) return found
    throw new MillraceError('object-missing', { location: `s3://${tenant}/${month}` })
  }
  return {
    async survey(tenant, _source, keys) {
      await schedule.wait(actor, 'surveys')
      const months = keys === 'all' ? world.months(tenant.slug) : keys
      return new Map(months.map((month) => [month, look(tenant.slug, month)]))
    },
    async stat(tenant, _source, key, signal) {
      await schedule.wait(actor, `looks at ${key}`, schedule.nowMs(), signal)
      return must(tenant.slug, key)
    },
    async fetch(tenant, _source, key, { path, signal }) {
      const fault = faults.at(actor, 'fetch')
      const ms = fault === 'late' ? leaseMs * 1.3 : 10
      await schedule.wait(actor, `fetches ${key}`, schedule.nowMs() + ms, signal)
      if (fault === 'die-before') around.die(actor)
      const object = must(tenant.slug, key)
      if (fault === 'fails') {
        const { location } = object
        throw new MillraceError('source-unreachable', { location, reason: 'simulated', tries: 1 })
      }
      world.staged.set(path, new Map([['', world.object(tenant.slug, key)?.rows ?? []]]))
      return object
    },
    tryOut: () => Promise.reject(new Error('nobody tries sources out here')),
    close: async () => {},
  }
}

async function afterFault(
  actor: Actor,
  { schedule, random, leaseMs }: Surroundings,
  fault: string | null,
): Promise<void> {
  const now = schedule.nowMs()
  if (actor.dead) return new Promise(() => {})
  if (fault === 'stall') actor.frozenUntilMs = now + leaseMs * (1.1 + random.next())
  if (fault === 'late')
    await schedule.wait(actor, 'hears of it late', now + random.next() * leaseMs)
  else if (fault !== null) await schedule.wait(actor, 'goes on')
}
