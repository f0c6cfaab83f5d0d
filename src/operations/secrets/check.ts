import { z } from 'zod'

import type { Catalog } from '#catalog/catalog.ts'
import { countSealed } from '#catalog/secret-columns.ts'
import { defineOperation } from '#operations/operation.ts'
import { eachCatalog } from '#operations/secrets/each-catalog.ts'
import { secretNames } from '#operations/secrets/secret-names.ts'

export const checkSecrets = defineOperation({
  name: 'secrets.check',
  summary: 'Which keys encrypt how many secrets, and which key can be dropped',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/secrets' },
  input: z.strictObject({}),
  output: z.object({
    /** The key that new secrets are encrypted with; null: there is none. */
    current: z.string().nullable(),
    /** Secrets that no key has encrypted; the next start or rotation does. */
    open: z.number(),
    keys: z.array(
      z.object({
        key: z.string(),
        secrets: z.number(),
        /** `missing`: this process does not have it; `unused`: its line can be dropped. */
        state: z.enum(['current', 'former', 'unused', 'missing']),
      }),
    ),
    /** Cells that could not be reached: as long as there are any, no key is called unused. */
    unreachable: z.array(z.string()),
  }),
  async handler(_input, { parts, signal }) {
    const { currentKeyId: current, keyIds } = parts.secrets
    const sums = new Map<string | null, number>()
    const count = async (catalog: Catalog) => {
      const counts = await catalog.asSystem((session) => countSealed(session, secretNames))
      for (const { keyId, secrets } of counts) sums.set(keyId, (sums.get(keyId) ?? 0) + secrets)
    }
    const unreachable = await eachCatalog(parts, count, signal)
    const open = sums.get(null) ?? 0
    sums.delete(null)
    const ids = new Set([...keyIds, ...[...sums.keys()].filter((id) => id !== null)])
    const keys = [...ids].map((key) => {
      const secrets = sums.get(key) ?? 0
      const isUsed = secrets > 0 || unreachable.length > 0
      const known = isUsed ? ('former' as const) : ('unused' as const)
      const state = !keyIds.includes(key) ? ('missing' as const) : known
      return { key, secrets, state: key === current ? ('current' as const) : state }
    })
    return { current, open, keys, unreachable }
  },
})
