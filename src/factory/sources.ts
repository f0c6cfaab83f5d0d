import type { Connector, ConnectorContext, ObjectInfo } from '#connectors/connector.ts'
import type { KeptObjects } from '#connectors/kept-objects.ts'
import { discoverPartitions, fillLocation } from '#connectors/location.ts'
import { connectorFor, openConnector } from '#connectors/registry.ts'
import { trySource, type SourceFound } from '#factory/try-source.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { SurveyedObject } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'
import { secretPlace, type SecretPlace } from '#secrets/secret-place.ts'

/** A tenant's own settings of one source: `location`, and what its connector takes. */
export type SourceOptions = Readonly<Record<string, unknown>>

/** Where the secrets among them lie, by their names. */
export function optionPlaces(tenantId: number, dataset: string): (name: string) => SecretPlace {
  return (name) => secretPlace(tenantId, `source_option.options.${name}`, dataset)
}

export interface SourceObject extends SurveyedObject {
  readonly modifiedAt: Date
}

/** A tenant's source, ready to be looked at and read. Connectors are opened once and kept. */
export interface Sources {
  /** Null where the source has no location for this tenant. */
  survey(
    tenant: Tenant,
    source: SourceDefinition,
    keys: readonly PartitionKey[] | 'all',
  ): Promise<Map<PartitionKey, SourceObject | null> | null>
  /** The object of one partition. Throws `source-unconfigured`, `object-missing` and what connectors throw. */
  stat(
    tenant: Tenant,
    source: SourceDefinition,
    key: PartitionKey,
    signal?: AbortSignal,
  ): Promise<SourceObject>
  fetch(
    tenant: Tenant,
    source: SourceDefinition,
    key: PartitionKey,
    to: {
      readonly path: string
      readonly onProgress: (bytes: number, totalBytes: number) => void
      readonly signal: AbortSignal
    },
  ): Promise<SourceObject>
  /**
   * What lies where the source would read with its options changed so; nothing is kept. `folder`: a
   * private one that does not exist yet. Throws as `stat` does.
   */
  tryOut(
    tenant: Tenant,
    source: SourceDefinition,
    change: OptionsTried,
    folder: string,
    signal: AbortSignal,
  ): Promise<SourceFound>
  close(): Promise<void>
}

/** Options in place of those that are stored, or, but for `replace`, beside them; null takes one away. */
export interface OptionsTried {
  readonly given: SourceOptions
  readonly replace: boolean
}

interface Opened {
  readonly connector: Connector
  readonly template: string
  /**
   * A file of the pack: its name there and its hash stand in place of the connector's own, for where
   * and when this machine unpacked it is no part of its identity.
   */
  readonly own: { readonly location: string; readonly etag: string } | null
}

const SURVEYS_AT_ONCE = 16

export function openSources(
  optionsOf: (tenant: Tenant, dataset: string) => Promise<SourceOptions | null>,
  packFile: (source: SourceDefinition) => { readonly path: string; readonly sha256: string },
  context: Omit<ConnectorContext, 'kept'>,
  keptOf: (tenant: Tenant) => KeptObjects,
): Sources {
  const connectors = new Map<string, Connector>()

  async function open(tenant: Tenant, source: SourceDefinition): Promise<Opened | null> {
    if (source.reference && source.location) {
      const { path, sha256 } = packFile(source)
      const own = { location: source.location, etag: sha256 }
      return { connector: connectorOf(tenant, path, {}), template: path, own }
    }
    const { location, ...options } = (await optionsOf(tenant, source.name)) ?? {}
    const template = typeof location === 'string' ? location : source.location
    return template
      ? { connector: connectorOf(tenant, template, options), template, own: null }
      : null
  }

  /** What reads a tenant's own is that tenant's alone, however equal its options are to another's. */
  function connectorOf(tenant: Tenant, template: string, options: SourceOptions): Connector {
    const owner = connectorFor(template).ofTenant === true ? tenant.id : null
    const id = canonicalJson([template.split(':')[0], options, owner])
    const known = connectors.get(id)
    if (known) return known
    const connector = openFor(tenant, template, options)
    connectors.set(id, connector)
    return connector
  }

  function openFor(tenant: Tenant, template: string, options: SourceOptions): Connector {
    const isKept = connectorFor(template).ofTenant === true
    return openConnector(template, options, isKept ? { ...context, kept: keptOf(tenant) } : context)
  }

  async function openOrThrow(tenant: Tenant, source: SourceDefinition): Promise<Opened> {
    const opened = await open(tenant, source)
    if (opened) return opened
    throw new MillraceError('source-unconfigured', { source: source.name, tenant: tenant.slug })
  }

  function address(
    opened: Opened,
    source: SourceDefinition,
    key: PartitionKey,
    tenant: Tenant,
  ): string {
    const { partitioning } = source
    return opened.connector.resolve(fillLocation(opened.template, key, tenant.slug, partitioning))
  }

  function objectOf(opened: Opened, info: ObjectInfo): SourceObject {
    const { etag, sizeBytes, modifiedAt } = info
    return { location: info.location, etag, ...opened.own, sizeBytes, modifiedAt }
  }

  return {
    async survey(tenant, source, keys) {
      const opened = await open(tenant, source)
      if (!opened) return null
      const found = new Map<PartitionKey, SourceObject | null>()
      if (keys === 'all') {
        const all = await discoverPartitions(opened.connector, opened.template, {
          tenant: tenant.slug,
          ...source.partitioning,
        })
        for (const { partition, info } of all) found.set(partition, objectOf(opened, info))
        return found
      }
      for (let from = 0; from < keys.length; from += SURVEYS_AT_ONCE) {
        await Promise.all(
          keys.slice(from, from + SURVEYS_AT_ONCE).map(async (key) => {
            found.set(key, await statOrNull(opened, address(opened, source, key, tenant)))
          }),
        )
      }
      return found
    },
    async stat(tenant, source, key, signal) {
      const opened = await openOrThrow(tenant, source)
      return objectOf(
        opened,
        await opened.connector.stat(address(opened, source, key, tenant), signal),
      )
    },
    async fetch(tenant, source, key, { path, onProgress, signal }) {
      const opened = await openOrThrow(tenant, source)
      const location = address(opened, source, key, tenant)
      const { info } = await opened.connector.fetch({ location, toPath: path, onProgress, signal })
      return objectOf(opened, info)
    },
    async tryOut(tenant, source, { given, replace }, folder, signal) {
      const stored = replace ? {} : ((await optionsOf(tenant, source.name)) ?? {})
      const { location = source.location, ...options } = Object.fromEntries(
        Object.entries({ ...stored, ...given }).filter(([, value]) => value != null),
      )
      if (typeof location !== 'string') {
        throw new MillraceError('source-unconfigured', { source: source.name, tenant: tenant.slug })
      }
      const connector = openFor(tenant, location, options)
      try {
        return await trySource(connector, location, source, tenant, folder, signal)
      } finally {
        await connector.close()
      }
    },
    async close() {
      await Promise.all([...connectors.values()].map((connector) => connector.close()))
    },
  }

  async function statOrNull(opened: Opened, location: string): Promise<SourceObject | null> {
    try {
      return objectOf(opened, await opened.connector.stat(location))
    } catch (error) {
      if (error instanceof MillraceError && error.code === 'object-missing') return null
      throw error
    }
  }
}
