import type { Catalog } from '#catalog/catalog.ts'
import { endpointPins, type EndpointPin } from '#catalog/endpoint-pins.ts'
import {
  endpointVersions,
  setEndpointColumns,
  type StoredEndpointVersion,
} from '#catalog/endpoint-versions.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { EndpointDefinition, EndpointVersion } from '#model/endpoint.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { Tenant } from '#model/tenant.ts'

/** What tenants are answered under the names of endpoints; a deployment counts within two seconds. */
export interface Endpoints {
  /** Those of the tenant's packs, by name, each in the version that its callers get. */
  list(tenant: Tenant): Promise<readonly EndpointVersion[]>
  /**
   * The version that is asked for; null: the one that the tenant has pinned, else the current one.
   * Throws `endpoint-unknown`, `endpoint-version-unknown`, `endpoint-version-ended`, `endpoint-removed`.
   */
  find(tenant: Tenant, name: string, version: number | null): Promise<EndpointVersion>
  /** Every version of an endpoint, the newest first, with those that have ended. Throws `endpoint-unknown`. */
  history(tenant: Tenant, name: string): Promise<readonly EndpointVersion[]>
  /** Versions that the tenant has pinned, by endpoint; at most a second old. */
  pins(tenant: Tenant): Promise<ReadonlyMap<string, number>>
  /** The tenant's pins have just been changed by this process. */
  forgetPins(tenant: Tenant): void
  /** Remembers what the engine said of a version's result, for good, and once; throws nothing. */
  noteColumns(version: EndpointVersion, columns: readonly ResultColumn[]): Promise<void>
}

export interface EndpointsParts {
  readonly catalog: Catalog
  readonly clock: Clock
  /** The code that this process has in use. */
  code(): { readonly hash: string; readonly endpoints: readonly EndpointDefinition[] }
  /** Names of the packs that a tenant has; null: all. */
  packsOf(tenant: Tenant): Promise<readonly string[] | null>
  onError(what: string, error: unknown): void
}

const PINS_MS = 1_000
const TENANTS_MOST = 10_000

type Stored = ReadonlyMap<string, readonly StoredEndpointVersion[]>
type Pins = ReadonlyMap<string, number>

function toPins(all: readonly EndpointPin[]): Pins {
  return new Map(all.map(({ endpoint, version }) => [endpoint, version]))
}

export function openEndpoints(parts: EndpointsParts): Endpoints {
  const { catalog, clock } = parts
  let byNames: {
    readonly of: readonly EndpointDefinition[]
    readonly byName: ReadonlyMap<string, EndpointDefinition>
  } | null = null
  let known: { readonly hash: string; readonly stored: Promise<Stored> } | null = null
  const noted = new Map<string, readonly ResultColumn[]>()
  const pinned = new Map<number, { readonly pins: Promise<Pins>; readonly untilMs: number }>()

  function pins(tenant: Tenant): Promise<Pins> {
    const now = clock.monotonicMs()
    const found = pinned.get(tenant.id)
    if (found && found.untilMs > now) return found.pins
    if (pinned.size >= TENANTS_MOST) pinned.clear()
    const entry = {
      pins: catalog.asTenant(tenant, endpointPins).then(toPins),
      untilMs: now + PINS_MS,
    }
    pinned.set(tenant.id, entry)
    entry.pins.catch(() => pinned.get(tenant.id) === entry && pinned.delete(tenant.id))
    return entry.pins
  }

  /** Versions as they were when this code came into use: they change with deployments only. */
  function storedVersions(): Promise<Stored> {
    const { hash } = parts.code()
    if (known?.hash === hash) return known.stored
    const stored = catalog
      .asSystem((session) => endpointVersions(session))
      .then((all) => Map.groupBy(all, ({ name }) => name))
    const loading = { hash, stored }
    known = loading
    stored.catch(() => {
      if (known === loading) known = null
    })
    return stored
  }

  async function versionsOf(
    tenant: Tenant,
    name: string,
  ): Promise<readonly StoredEndpointVersion[]> {
    const [stored, packs] = await Promise.all([storedVersions(), parts.packsOf(tenant)])
    return visibleOf(stored, name, packs)
  }

  /** The definition of the code in use. */
  function inUse(name: string): EndpointDefinition | undefined {
    const { endpoints } = parts.code()
    if (byNames?.of !== endpoints) {
      byNames = { of: endpoints, byName: new Map(endpoints.map((one) => [one.name, one])) }
    }
    return byNames.byName.get(name)
  }

  function isInUse({ name, codeVersion }: StoredEndpointVersion): boolean {
    return inUse(name)?.codeVersion === codeVersion
  }

  function toVersion(
    stored: StoredEndpointVersion,
    definition: EndpointDefinition,
  ): EndpointVersion {
    const isCurrent = isInUse(stored)
    return {
      number: stored.number,
      definition,
      createdAt: stored.createdAt,
      replacedAt: isCurrent ? null : stored.replacedAt,
      endsAt: isCurrent ? null : stored.endsAt,
      isCurrent,
      columns: stored.columns ?? noted.get(idOf(stored.name, stored.number)) ?? null,
    }
  }

  /** Its definition as the code in use has it, which may say the same in other words. */
  function definitionOf(stored: StoredEndpointVersion): EndpointDefinition | null {
    const own = inUse(stored.name)
    return own?.codeVersion === stored.codeVersion ? own : stored.definition
  }

  function answered(
    name: string,
    number: number,
    all: readonly StoredEndpointVersion[],
    isPin: boolean,
  ): EndpointVersion {
    const stored = all.find((one) => one.number === number)
    if (!stored)
      throw new MillraceError('endpoint-version-unknown', { endpoint: name, version: number })
    const definition = definitionOf(stored)
    const isOver = stored.endsAt !== null && stored.endsAt.getTime() <= clock.now().getTime()
    if (definition && (!isOver || isInUse(stored))) return toVersion(stored, definition)
    const current = all.find(isInUse)
    const wayOut = isPin
      ? `The tenant has pinned it: \`millrace endpoints unpin ${name}\` ends that.`
      : current
        ? `Ask for version ${current.number}, which is current, or leave the version out.`
        : 'The endpoint is not part of this deployment any more.'
    throw new MillraceError('endpoint-version-ended', {
      endpoint: name,
      version: number,
      endedAt: stored.endsAt?.toISOString() ?? '',
      wayOut,
    })
  }

  /** Gone from the code, with a version that may be answered still. */
  function removed(name: string, all: readonly StoredEndpointVersion[]): MillraceError {
    const now = clock.now()
    const last = all
      .filter(({ endsAt }) => endsAt !== null && endsAt > now)
      .toSorted((a, b) => Number(b.replacedAt) - Number(a.replacedAt))[0]
    if (!last) return new MillraceError('endpoint-unknown', { endpoint: name })
    return new MillraceError('endpoint-removed', {
      endpoint: name,
      version: last.number,
      removedAt: last.replacedAt?.toISOString() ?? '',
      endsAt: last.endsAt?.toISOString() ?? '',
    })
  }

  async function find(
    tenant: Tenant,
    name: string,
    version: number | null,
  ): Promise<EndpointVersion> {
    const [stored, packs, ownPins] = await Promise.all([
      storedVersions(),
      parts.packsOf(tenant),
      version === null ? pins(tenant) : null,
    ])
    const all = visibleOf(stored, name, packs)
    if (all.length === 0) throw new MillraceError('endpoint-unknown', { endpoint: name })
    const wanted = version ?? ownPins?.get(name)
    if (wanted !== undefined) return answered(name, wanted, all, version === null)
    const current = all.find(isInUse)
    if (!current) throw removed(name, all)
    return answered(name, current.number, all, false)
  }

  return {
    find,
    pins,
    async list(tenant) {
      const [packs, ownPins, stored] = await Promise.all([
        parts.packsOf(tenant),
        pins(tenant),
        storedVersions(),
      ])
      const now = clock.now()
      return parts
        .code()
        .endpoints.filter(({ pack }) => packs === null || packs.includes(pack))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap((definition) => {
          const all = stored.get(definition.name) ?? []
          const pin = all.find(({ number }) => number === ownPins.get(definition.name))
          const isAnswered = pin && (pin.endsAt === null || pin.endsAt > now)
          const chosen = isAnswered ? pin : all.find(isInUse)
          const text = chosen && definitionOf(chosen)
          return chosen && text ? [toVersion(chosen, text)] : []
        })
    },
    async history(tenant, name) {
      const [all, whole] = await Promise.all([
        versionsOf(tenant, name),
        catalog.asSystem((session) => endpointVersions(session, name)),
      ])
      if (all.length === 0) throw new MillraceError('endpoint-unknown', { endpoint: name })
      return whole.flatMap((stored) =>
        stored.definition && all.some(({ number }) => number === stored.number)
          ? [toVersion(stored, definitionOf(stored) ?? stored.definition)]
          : [],
      )
    },
    forgetPins({ id }) {
      pinned.delete(id)
    },
    async noteColumns({ definition: { name }, number, columns: before }, columns) {
      const id = idOf(name, number)
      if (before !== null || noted.has(id)) return
      noted.set(id, columns)
      await catalog
        .asSystem((session) => setEndpointColumns(session, name, number, columns))
        .catch((error: unknown) => parts.onError('noting the columns of an endpoint', error))
    },
  }
}

function visibleOf(
  stored: Stored,
  name: string,
  packs: readonly string[] | null,
): readonly StoredEndpointVersion[] {
  const all = stored.get(name) ?? []
  return packs === null ? all : all.filter(({ pack }) => packs.includes(pack))
}

function idOf(name: string, number: number): string {
  return `${name} ${number}`
}
