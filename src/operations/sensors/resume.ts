import { z } from 'zod'

import { getTrigger, resumeTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { sensorData, sourceField, toSensorData } from '#operations/sensors/sensor-data.ts'

export const resumeSensor = defineOperation({
  name: 'sensors.resume',
  summary: 'Look again, at once; what arrived during the pause is found then',
  permission: 'run',
  rest: { method: 'POST', path: '/v1/sensors/{source}/resume' },
  input: z.strictObject({ source: sourceField }),
  output: sensorData,
  async handler({ source }, { parts, caller }) {
    const trigger = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const { id } = await getTrigger(session, 'sensor', source)
      await resumeTrigger(session, id, { dueAt: null, nextAt: null })
      return getTrigger(session, 'sensor', source)
    })
    parts.log.info('sensor resumed', { source, tenant: caller.tenant.slug, by: caller.name })
    return toSensorData(trigger)
  },
})
