import { z } from 'zod'

import { listLimits } from '#catalog/limits.ts'
import { limitData, toLimitData } from '#operations/limits/limit-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listLimitsOperation = defineOperation({
  name: 'limits.list',
  summary: 'Limits and how full they are; those of all tenants for an operator',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/limits' },
  input: z.strictObject({}),
  output: z.object({ limits: z.array(limitData) }),
  async handler(_input, { parts, caller }) {
    const tenantId = caller.permissions.has('operator') ? null : caller.tenant.id
    const limits = await parts.catalog.asSystem((session) => listLimits(session, tenantId))
    return { limits: limits.map(toLimitData) }
  },
})
