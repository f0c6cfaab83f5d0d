import { z } from 'zod'

import { getTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { sensorData, sourceField, toSensorData } from '#operations/sensors/sensor-data.ts'

export const showSensor = defineOperation({
  name: 'sensors.show',
  summary: 'The sensor of a source',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/sensors/{source}' },
  input: z.strictObject({ source: sourceField }),
  output: sensorData,
  async handler({ source }, { parts, caller }) {
    const trigger = await parts.catalog.asTenant(caller.tenant, (session) =>
      getTrigger(session, 'sensor', source),
    )
    return toSensorData(trigger)
  },
})
