import { z } from 'zod'

import { listTriggers } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { sensorData, toSensorData } from '#operations/sensors/sensor-data.ts'

export const listSensors = defineOperation({
  name: 'sensors.list',
  summary: 'Sensors by source: when they looked last, what they found, what went wrong',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/sensors' },
  input: z.strictObject({}),
  output: z.object({ sensors: z.array(sensorData) }),
  async handler(_input, { parts, caller }) {
    const sensors = await parts.catalog.asTenant(caller.tenant, (session) =>
      listTriggers(session, 'sensor'),
    )
    return { sensors: sensors.map(toSensorData) }
  },
})
