import { z } from 'zod'

import { appendAuditOf } from '#catalog/audit.ts'
import { setSessionView } from '#catalog/sessions.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { isCaller } from '#operations/invoke.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const endViewOperation = definePersonOperation({
  name: 'sessions.end-view',
  summary: 'Look as yourself again, where you look at a tenant as a role of it does',
  permission: 'person',
  // Noted in the log of the tenant that was looked at.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/sessions/end-view' },
  input: z.strictObject({}),
  /** False: this session looked as nobody else. */
  output: z.object({ ended: z.boolean() }),
  async handler(_input, { parts, caller, door }) {
    const { person } = caller
    const viewed = isCaller(caller) && caller.viewing ? caller : null
    await parts.catalog.asSystem(async (system) => {
      await setSessionView(system, person, null)
      if (viewed === null) return
      await appendAuditOf(system, viewed.tenant.id, {
        actor: `${viewed.name} ${person.email}`,
        action: 'sessions.end-view',
        detail: canonicalJson({ role: viewed.viewing?.role ?? '' }),
        requestId: door.requestId,
      })
    })
    return { ended: viewed !== null }
  },
})
