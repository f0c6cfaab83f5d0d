import { z } from 'zod'

import { tenantSettings } from '#catalog/tenant-settings.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { seenRows } from '#model/seen-rows.ts'
import { visibleParts } from '#operations/datasets/visible.ts'
import type { Caller } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'
import type { Parts } from '#operations/parts.ts'

export const daysField = z
  .int()
  .min(1)
  .max(92)
  .default(31)
  .describe("Days that are looked at, today in the tenant's time zone among them.")

/**
 * Datasets whose rows the caller sees whole: counts and findings of the others would tell of rows that
 * are not for him. Throws `dataset-unknown` for one that is named and not seen at all.
 */
export function countedDatasets(
  parts: Parts,
  caller: Caller,
  dataset: string | undefined,
): DatasetDefinition[] {
  const seen = visibleParts(parts, caller)
  const asked = dataset === undefined ? seen.factory.datasets : [definitionOf(seen, dataset)]
  return asked.filter(({ name }) => seenRows(caller.access, name) === null)
}

/** One dataset of those. Throws `dataset-unknown`, and `access-limited` for one of which a part is seen. */
export function countedDataset(
  parts: Parts,
  caller: Caller,
  dataset: string,
  operation: string,
): DatasetDefinition {
  const [found] = countedDatasets(parts, caller, dataset)
  if (found) return found
  throw new MillraceError('access-limited', { operation, caller: caller.name })
}

/** The time zone that the tenant's days begin in, and the days up to today in it, the oldest first. */
export async function lastDays(
  parts: Pick<Parts, 'directory' | 'clock'>,
  { tenant }: Caller,
  count: number,
): Promise<{ readonly zone: string; readonly days: readonly string[]; readonly since: Date }> {
  const { timeZone: zone } = await parts.directory.asTenant(tenant, tenantSettings)
  const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' })
  const today = Date.parse(`${format.format(parts.clock.now())}T00:00:00Z`)
  const days = Array.from({ length: count }, (_, at) =>
    new Date(today - (count - 1 - at) * DAY_MS).toISOString().slice(0, 10),
  )
  // A day more than enough, wherever the zone lies: what is older is in none of the days.
  return { zone, days, since: new Date(today - count * DAY_MS) }
}

const DAY_MS = 86_400_000
