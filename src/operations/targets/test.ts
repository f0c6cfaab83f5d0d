import { z } from 'zod'

import { findTarget } from '#catalog/delivery-targets.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { targetField } from '#operations/targets/target-data.ts'
import type { TargetKind } from '#targets/target-options.ts'
import { tryTarget } from '#targets/try-target.ts'

export const testTarget = defineOperation({
  name: 'targets.test',
  summary: 'Do at a target what a delivery would do, and take it back',
  permission: 'write',
  rest: { method: 'POST', path: '/v1/targets/{target}/test' },
  input: z.strictObject({ target: targetField }),
  output: z.object({ place: z.string(), did: z.string() }),
  async handler({ target }, { parts, caller, signal }) {
    const stored = await parts.catalog.asTenant(caller.tenant, (session) =>
      findTarget(session, target),
    )
    if (!stored) throw new MillraceError('target-unknown', { target })
    const asked = { name: target, kind: stored.kind as TargetKind }
    return tryTarget(parts, caller.tenant, asked, signal)
  },
})
