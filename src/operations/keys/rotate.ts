import { z } from 'zod'

import { getKey, rotateKey } from '#catalog/keys.ts'
import { parseDuration } from '#kernel/duration.ts'
import { MillraceError } from '#kernel/errors.ts'
import { mintSecret } from '#operations/keys/api-key.ts'
import { assertMayHold, keyField } from '#operations/keys/key-data.ts'
import { defineOperation } from '#operations/operation.ts'

const OVERLAP_MAX_MS = 30 * 86_400_000

export const rotateKeyOperation = defineOperation({
  name: 'keys.rotate',
  summary: 'Give an API key another secret; the former one works on for a while',
  permission: 'admin',
  honoursAccess: true,
  audit: ['overlap'],
  rest: { method: 'POST', path: '/v1/keys/{key}/rotate' },
  input: z.strictObject({
    key: keyField,
    overlap: z
      .string()
      .max(20)
      .default('24h')
      .describe(
        'How long the former secret works on: `90m`, `7d`, at most 30 d; `0s`: it ends at once.',
      ),
  }),
  output: z.object({
    id: z.string(),
    key: z.string().meta({ secret: true }),
    /** Until when the former secret works; null: it ended at once. */
    formerUntil: z.iso.datetime().nullable(),
  }),
  async handler({ key: id, overlap }, { parts, caller }) {
    const overlapMs = parseDuration(overlap)
    if (overlapMs === null || overlapMs > OVERLAP_MAX_MS) {
      const message = `"${overlap}" is no time of at most 30 days: 90m, 24h, 7d`
      throw new MillraceError('input-invalid', { path: 'overlap', message })
    }
    const { key, hash } = mintSecret(id, parts.random)
    const rotated = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const former = await getKey(session, id)
      if (!former) throw new MillraceError('key-unknown', { key: id })
      assertMayHold(caller, former)
      return rotateKey(session, id, hash, overlapMs)
    })
    if (!rotated) throw new MillraceError('key-ended', { key: id })
    return { id, key, formerUntil: rotated.formerUntil?.toISOString() ?? null }
  },
})
