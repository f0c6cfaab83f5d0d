import { z } from 'zod'

import { createTrigger, getTrigger } from '#catalog/triggers.ts'
import { durationMs } from '#definitions/task-schema.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { definitionOf } from '#operations/partition-input.ts'
import { sensorData, sourceField, toSensorData } from '#operations/sensors/sensor-data.ts'

export const createSensor = defineOperation({
  name: 'sensors.create',
  summary: 'Look at a source again and again; each new or changed object starts exactly its plan',
  permission: 'run',
  audit: ['source'],
  rest: { method: 'POST', path: '/v1/sensors' },
  input: z.strictObject({
    source: sourceField,
    every: durationMs.default(300_000).describe('Time between two looks: 30s, 5m; at least 1s.'),
    settle: z
      .union([z.literal('0'), z.literal(0), durationMs])
      .default(30_000)
      .describe(
        'An object that changed less than this ago is still being written: it is waited for.',
      ),
  }),
  output: sensorData,
  async handler({ source, every, settle }, { parts, caller }) {
    const definition = definitionOf(parts, source)
    if (definition.kind !== 'source' || definition.reference) {
      throw new MillraceError('trigger-invalid', {
        field: 'source',
        value: source,
        problem: 'nothing arrives there: it is computed, or ships with its pack',
        wayOut: 'Name a source that reads objects from outside.',
      })
    }
    const settleMs = Number(settle)
    const trigger = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await createTrigger(session, {
        id: parts.ids.next('sns'),
        kind: 'sensor',
        name: source,
        definition: { everyMs: Math.max(1_000, every), settleMs },
        createdBy: caller.name,
        dueAt: null,
        nextAt: null,
      })
      return getTrigger(session, 'sensor', source)
    })
    parts.log.info('sensor created', { source, tenant: caller.tenant.slug, by: caller.name })
    return toSensorData(trigger)
  },
})
