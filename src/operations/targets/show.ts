import { z } from 'zod'

import { findTarget } from '#catalog/delivery-targets.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { targetData, targetField, toTargetData } from '#operations/targets/target-data.ts'

export const showTarget = defineOperation({
  name: 'targets.show',
  summary: 'A place that deliveries go to; its secrets are not shown',
  permission: 'write',
  rest: { method: 'GET', path: '/v1/targets/{target}' },
  input: z.strictObject({ target: targetField }),
  output: targetData,
  async handler({ target }, { parts, caller }) {
    const stored = await parts.catalog.asTenant(caller.tenant, (session) =>
      findTarget(session, target),
    )
    if (!stored) throw new MillraceError('target-unknown', { target })
    return toTargetData(stored)
  },
})
