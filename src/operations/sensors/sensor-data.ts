import { z } from 'zod'

import type { Trigger } from '#catalog/triggers.ts'
import type { SensorDefinition } from '#triggers/sensor.ts'

export const sourceField = z
  .string()
  .min(1)
  .max(200)
  .meta({ names: 'source' })
  .describe('Name of the source.')

export const sensorData = z
  .object({
    source: z.string(),
    everyMs: z.number(),
    settleMs: z.number(),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    pausedAt: z.iso.datetime().nullable(),
    pausedBy: z.string().nullable(),
    /** When it looks next; null: paused. */
    nextAt: z.iso.datetime().nullable(),
    /** When it looked last, how many objects lay there and how many of them were new or changed. */
    lookedAt: z.string().nullable(),
    objects: z.int().nullable(),
    arrived: z.int().nullable(),
    /** Looks that failed since one went well, and why the last did. */
    failures: z.int(),
    error: z.string().nullable(),
  })
  .meta({ entity: 'Sensor' })
export type SensorData = z.output<typeof sensorData>

export function toSensorData(trigger: Trigger): SensorData {
  const { everyMs, settleMs } = trigger.definition as SensorDefinition
  const { lookedAt, objects, arrived } = trigger.state as Partial<Record<string, string | number>>
  return {
    source: trigger.name,
    everyMs,
    settleMs,
    createdBy: trigger.createdBy,
    createdAt: trigger.createdAt.toISOString(),
    pausedAt: trigger.pausedAt?.toISOString() ?? null,
    pausedBy: trigger.pausedBy,
    nextAt: trigger.nextAt?.toISOString() ?? null,
    lookedAt: typeof lookedAt === 'string' ? lookedAt : null,
    objects: typeof objects === 'number' ? objects : null,
    arrived: typeof arrived === 'number' ? arrived : null,
    failures: trigger.failures,
    error: trigger.error?.message ?? null,
  }
}
