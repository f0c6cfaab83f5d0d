import { isLimited, maySee, type Access } from '#model/access.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { domainEvents, type DomainEvent } from '#model/domain-event.ts'
import { maySeePartition, seenRows } from '#model/seen-rows.ts'

/** Where rows came from is for those who see all of them. */
const origins: ReadonlySet<string> = new Set(['run', 'erasure', 'append'])

/**
 * An event as somebody with this access is told of it; null: not at all. Whoever sees a part of the
 * data only is told of published data that he sees, and of nothing else.
 */
export function visibleEvent(
  event: DomainEvent,
  access: Access,
  definitionOf: (dataset: string) => DatasetDefinition | undefined,
): DomainEvent | null {
  if (!isLimited(access)) return event
  if (domainEvents[event.kind].about === null) return null
  const fields = Object.entries(event.data).filter(([name]) => !origins.has(name))
  const data: Readonly<Record<string, unknown>> = Object.fromEntries(fields)
  const dataset = String(data['dataset'])
  if (!maySee(access, dataset)) return null
  const told = (more: object) => ({ ...event, data: { ...data, ...more } }) as DomainEvent
  const seen = seenRows(access, dataset)
  if (seen === null || seen.filters.length === 0) return told({})
  const definition = definitionOf(dataset)
  const isSeen = (partition: string) =>
    definition !== undefined && maySeePartition(definition, seen, partition)
  if (Array.isArray(data['partitions'])) {
    const partitions = (data['partitions'] as string[]).filter(isSeen)
    return partitions.length === 0 ? null : told({ partitions })
  }
  const { newest } = data
  return told({ newest: typeof newest === 'string' && isSeen(newest) ? newest : null })
}
