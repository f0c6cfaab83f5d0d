import { z } from 'zod'

import { eventKinds } from '#model/domain-event.ts'

export const eventKindsField = z
  .array(z.enum(eventKinds))
  .min(1)
  .optional()
  .describe('Only events of these kinds; default: all.')

export const eventDatasetsField = z
  .array(z.string().min(1).max(200).meta({ names: 'dataset' }))
  .min(1)
  .max(100)
  .optional()
  .describe('Only events about these datasets; default: all, and those about none.')

export const afterEventField = z.int().min(0).max(Number.MAX_SAFE_INTEGER).optional()

/** An event as every door tells it. */
export const eventData = z
  .object({
    /** The same at every door: `evt_<tenant>_<sequence>`. */
    id: z.string(),
    /** Place among the tenant's events, without gaps. */
    sequence: z.int(),
    kind: z.enum(eventKinds),
    at: z.iso.datetime(),
    tenant: z.string(),
    /** Fields of its kind, as the reference of events lists them. */
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ entity: 'TenantEvent' })
