import { z } from 'zod'

import { getTrigger, pauseTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { sensorData, sourceField, toSensorData } from '#operations/sensors/sensor-data.ts'

export const pauseSensor = defineOperation({
  name: 'sensors.pause',
  summary: 'Look no more until it is resumed',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/sensors/{source}/pause' },
  input: z.strictObject({ source: sourceField }),
  output: sensorData,
  async handler({ source }, { parts, caller }) {
    const trigger = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const { id } = await getTrigger(session, 'sensor', source)
      await pauseTrigger(session, id, caller.name)
      return getTrigger(session, 'sensor', source)
    })
    parts.log.info('sensor paused', { source, tenant: caller.tenant.slug, by: caller.name })
    return toSensorData(trigger)
  },
})
