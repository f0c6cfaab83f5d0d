import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { resealSecrets } from '#operations/secrets/reseal.ts'

export const rotateSecrets = defineOperation({
  name: 'secrets.rotate',
  summary: 'Encrypt every secret of every tenant with the current key, and what still lies open',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/secrets/rotate' },
  input: z.strictObject({}),
  output: z.object({
    /** The current key. */
    key: z.string().nullable(),
    /** Secrets that were encrypted anew; those of the current key stay as they are. */
    rotated: z.number(),
    /** Secrets that do not open, for their key is not there or they are damaged. */
    unreadable: z.number(),
  }),
  async handler(_input, { parts, signal }) {
    const { resealed, unreadable } = await resealSecrets(parts, 'everything', signal)
    return { key: parts.secrets.currentKeyId, rotated: resealed, unreadable }
  },
})
