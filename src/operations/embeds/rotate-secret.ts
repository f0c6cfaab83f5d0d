import { z } from 'zod'

import { setEmbedSecret } from '#catalog/embeds.ts'
import { MillraceError } from '#kernel/errors.ts'
import { embedField } from '#operations/embeds/embed-data.ts'
import { embedSecretPlace, mintEmbedSecret } from '#operations/embeds/embed-token.ts'
import { defineOperation } from '#operations/operation.ts'

export const rotateEmbedSecret = defineOperation({
  name: 'embeds.rotate-secret',
  summary:
    'Another secret for signing links of a view; those of the former one end within a second',
  permission: 'admin',
  rest: { method: 'POST', path: '/v1/embeds/{embed}/rotate-secret' },
  input: z.strictObject({ embed: embedField }),
  output: z.object({ embed: z.string(), secret: z.string().meta({ secret: true }) }),
  async handler({ embed }, { parts, caller: { tenant } }) {
    const secret = mintEmbedSecret(parts.random)
    const sealed = parts.secrets.seal(secret, embedSecretPlace(tenant.id, embed))
    const found = await parts.catalog.asTenant(tenant, (session) =>
      setEmbedSecret(session, embed, sealed),
    )
    if (!found) throw new MillraceError('embed-unknown')
    return { embed, secret }
  },
})
