import { z } from 'zod'

import {
  callbackSecret,
  setCallbackSecret,
  takeCallbackSecret,
} from '#catalog/background-handlers.ts'
import { ensureCallbackSecret, newCallbackSecret } from '#operations/callbacks/ensure-secret.ts'
import { defineOperation } from '#operations/operation.ts'
import { callbackSecretPlace, openSigningSecret } from '#tasks/signing-secret.ts'

export const showCallbackSecret = defineOperation({
  name: 'callbacks.secret',
  summary: "The secret that signs the tenant's callbacks; shown once",
  permission: 'run',
  audit: ['replace'],
  rest: { method: 'POST', path: '/v1/callbacks/secret' },
  input: z.strictObject({
    replace: z.boolean().default(false).describe('Make another one; the former one ends.'),
  }),
  output: z.object({
    /** Null: it was shown before. */
    secret: z.string().nullable().meta({ secret: true }),
    shownAt: z.iso.datetime().nullable(),
  }),
  async handler({ replace }, { parts, caller }) {
    const { tenant } = caller
    return parts.catalog.asTenant(tenant, async (session) => {
      if (replace) await setCallbackSecret(session, newCallbackSecret(parts, tenant.id), 'replace')
      else await ensureCallbackSecret(session, parts)
      const isOurs = await takeCallbackSecret(session)
      const { secret, shownAt } = (await callbackSecret(session)) ?? { secret: '', shownAt: null }
      const place = callbackSecretPlace(tenant.id)
      return {
        secret: isOurs ? openSigningSecret(parts.secrets, secret, place) : null,
        shownAt: shownAt?.toISOString() ?? null,
      }
    })
  },
})
