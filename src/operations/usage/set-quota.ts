import { z } from 'zod'

import { quotaKinds, setQuota } from '#catalog/usage.ts'
import { defineOperation } from '#operations/operation.ts'

export const setQuotaOperation = defineOperation({
  name: 'usage.set-quota',
  summary:
    'Set how much of something the tenant may have or do; without a number there is no end to it',
  permission: 'operator',
  home: 'tenant',
  audit: ['most'],
  rest: { method: 'POST', path: '/v1/usage/quotas/{kind}' },
  input: z.strictObject({
    kind: z
      .enum(quotaKinds)
      .describe('Bytes of storage, or runs, exports or mails of a day (UTC).'),
    most: z
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Most of it; default: no end.'),
  }),
  output: z.object({ tenant: z.string(), kind: z.enum(quotaKinds), most: z.int().nullable() }),
  async handler({ kind, most = null }, { parts, caller }) {
    const { id, slug } = caller.tenant
    // Mail is sent from the directory, everything else is done where the data are.
    for (const catalog of new Set([parts.catalog, parts.directory])) {
      await catalog.asSystem((session) => setQuota(session, id, kind, most))
    }
    return { tenant: slug, kind, most }
  },
})
