import { z } from 'zod'

import { deleteTrigger } from '#catalog/triggers.ts'
import { defineOperation } from '#operations/operation.ts'
import { sourceField } from '#operations/sensors/sensor-data.ts'

export const deleteSensor = defineOperation({
  name: 'sensors.delete',
  summary: 'Remove the sensor of a source; what it started goes on',
  permission: 'run',
  rest: { method: 'DELETE', path: '/v1/sensors/{source}' },
  input: z.strictObject({ source: sourceField }),
  output: z.object({ deleted: z.string() }),
  async handler({ source }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, (session) =>
      deleteTrigger(session, 'sensor', source),
    )
    parts.log.info('sensor deleted', { source, tenant: caller.tenant.slug, by: caller.name })
    return { deleted: source }
  },
})
