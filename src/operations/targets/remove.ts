import { z } from 'zod'

import { removeTarget } from '#catalog/delivery-targets.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { targetField } from '#operations/targets/target-data.ts'

export const removeTargetOperation = defineOperation({
  name: 'targets.remove',
  summary: 'Forget a place; what was delivered stays there',
  permission: 'write',
  rest: { method: 'DELETE', path: '/v1/targets/{target}' },
  input: z.strictObject({ target: targetField }),
  output: z.object({ target: z.string() }),
  async handler({ target }, { parts, caller }) {
    const isGone = await parts.catalog.asTenant(caller.tenant, (session) =>
      removeTarget(session, target),
    )
    if (!isGone) throw new MillraceError('target-unknown', { target })
    return { target }
  },
})
