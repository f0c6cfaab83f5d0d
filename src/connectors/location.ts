import type { Connector, ObjectInfo } from '#connectors/connector.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { KeyDimension, Partitioning } from '#model/definition.ts'
import {
  isPartitionOf,
  joinKey,
  keyProblem,
  keyText,
  keyValue,
  splitKey,
} from '#model/partition-key-parts.ts'
import { grainOf, WHOLE } from '#model/partition-key.ts'
import type { Grain, PartitionKey } from '#model/partition-key.ts'

/**
 * A location template is an address with `{yyyy}` `{MM}` `{dd}` `{HH}` (the partition's period, UTC),
 * the name of the source's key where it is cut by one (`{exam}`: a value, without any `/`), and
 * `{tenant}` (the tenant's slug). Everything else in it is literal.
 */
const timeParts = {
  yyyy: { from: 0, to: 4, pattern: String.raw`\d{4}`, grain: 'year' },
  MM: { from: 5, to: 7, pattern: String.raw`\d{2}`, grain: 'month' },
  dd: { from: 8, to: 10, pattern: String.raw`\d{2}`, grain: 'day' },
  HH: { from: 11, to: 13, pattern: String.raw`\d{2}`, grain: 'hour' },
} as const satisfies Record<string, { from: number; to: number; pattern: string; grain: Grain }>
type TimePart = keyof typeof timeParts

/** A partition whose object exists. */
export interface DiscoveredPartition {
  readonly partition: PartitionKey
  readonly info: ObjectInfo
}

/**
 * The grain that the placeholders cut by; `none` for an address without any.
 * Throws `location-invalid` for an unknown placeholder, or one without the coarser ones (`{dd}` without `{MM}`).
 */
export function templateGrain(template: string, key?: KeyDimension): Grain {
  const found = new Set(placeholdersOf(template, key))
  let grain: Grain = 'none'
  let missing: string | null = null
  for (const [part, { grain: partGrain }] of Object.entries(timeParts)) {
    if (!found.has(part)) missing ??= part
    else if (missing === null) grain = partGrain
    else throw invalid(template, `has {${part}} but not {${missing}}`, `Add {${missing}}.`)
  }
  return grain
}

/**
 * The address of one partition's object. A template without time placeholders is the same address
 * for every partition. Throws `location-invalid` when the key says less than the placeholders ask.
 */
export function fillLocation(
  template: string,
  partition: PartitionKey,
  tenant: string,
  cut: Partitioning = { grain: partition === WHOLE ? 'none' : grainOf(partition) },
): string {
  const { period, key } = splitKey(partition, cut)
  placeholdersOf(template, cut.key)
  return template.replace(/\{(\w*)\}/g, (_whole, name: string) => {
    if (name === 'tenant') return tenant
    if (name === cut.key?.name) return pathPart(template, name, keyValue(key) ?? key)
    const { from, to } = timeParts[name as TimePart]
    if (period !== WHOLE && period.length >= to) return period.slice(from, to)
    throw invalid(
      template,
      `has {${name}}, which the partition "${partition}" (${cut.grain}) does not tell`,
      `Leave {${name}} out, or cut the source finer.`,
    )
  })
}

/** A value stays inside its own folder or name, whoever asked for it. */
function pathPart(template: string, name: string, value: string): string {
  if (!value.includes('/') && value !== '.' && value !== '..') return value
  throw invalid(
    template,
    `has {${name}}, whose value "${value}" leads elsewhere`,
    'Values in addresses hold no "/" and are not "." or "..".',
  )
}

/**
 * The partitions of a grain whose objects exist now, in key order: the reverse of `fillLocation`.
 * Throws `location-invalid` when the template is not cut by exactly this grain.
 */
export async function discoverPartitions(
  connector: Connector,
  template: string,
  about: Partitioning & {
    readonly tenant: string
    readonly signal?: AbortSignal | undefined
  },
): Promise<DiscoveredPartition[]> {
  const written = templateGrain(template, about.key)
  if (written !== about.grain) {
    throw invalid(
      template,
      `is cut by ${written}, the source by ${about.grain}`,
      'Name the partition that it holds, or use {yyyy} {MM} {dd} {HH} as far as the source is cut.',
    )
  }
  if (about.key && !placeholdersOf(template, about.key).includes(about.key.name)) {
    const { name } = about.key
    throw invalid(template, `lacks {${name}}`, `Write {${name}} where the values of ${name} stand.`)
  }
  const address = connector.resolve(template.replaceAll('{tenant}', about.tenant))
  if (about.grain === 'none' && !about.key)
    return [{ partition: WHOLE, info: await connector.stat(address, about.signal) }]
  const start = address.indexOf('{')
  const rest = address.slice(start)
  const pattern = patternOf(rest, about.key)
  const found = new Map<PartitionKey, ObjectInfo>()
  const levels = rest.split('/').length - 1
  const prefix = address.slice(0, start)
  for await (const info of connector.list(prefix, { signal: about.signal, levels })) {
    const groups = pattern.exec(info.location.slice(prefix.length))?.groups
    const partition = groups && keyFrom(groups, about, info.location)
    if (partition && isPartitionOf(partition, about)) found.set(partition, info)
  }
  return [...found]
    .map(([partition, info]) => ({ partition, info }))
    .toSorted((a, b) => (a.partition < b.partition ? -1 : 1))
}

function keyFrom(
  groups: Record<string, string | undefined>,
  { key }: Partitioning,
  location: string,
): PartitionKey {
  const { yyyy = '', MM, dd, HH } = groups
  const period = yyyy + (MM ? `-${MM}` : '') + (dd ? `-${dd}` : '') + (HH ? `T${HH}` : '')
  if (!key) return period
  const value = groups[key.name] ?? ''
  const problem = keyProblem(value)
  if (problem === null) return joinKey(period === '' ? WHOLE : period, keyText(value), '')
  throw invalid(location, `cannot name a value of ${key.name}: ${problem}`, 'Rename the object.')
}

/** A second `{yyyy}` must read the same as the first one. */
function patternOf(template: string, key: KeyDimension | undefined): RegExp {
  const seen = new Set<string>()
  const source = template.split(/(\{\w*\})/).map((piece) => {
    const name = /^\{(\w*)\}$/.exec(piece)?.[1]
    if (name === undefined) return piece.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
    if (seen.has(name)) return String.raw`\k<${name}>`
    seen.add(name)
    const { pattern } = name === key?.name ? { pattern: '[^/]+' } : timeParts[name as TimePart]
    return `(?<${name}>${pattern})`
  })
  return new RegExp(`^${source.join('')}$`, 'u')
}

function placeholdersOf(template: string, key: KeyDimension | undefined): string[] {
  const names = Array.from(template.matchAll(/\{(\w*)\}/g), ([, name = '']) => name)
  const unknown = names.find(
    (name) => name !== 'tenant' && name !== key?.name && !(name in timeParts),
  )
  if (unknown === undefined) return names
  throw invalid(
    template,
    `has the unknown placeholder {${unknown}}`,
    `Placeholders are {yyyy}, {MM}, {dd}, {HH}${key ? `, {${key.name}}` : ''} and {tenant}.`,
  )
}

function invalid(location: string, problem: string, hint: string): MillraceError {
  return new MillraceError('location-invalid', { location, problem, hint })
}
