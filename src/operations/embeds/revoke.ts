import { z } from 'zod'

import { revokeEmbed } from '#catalog/embeds.ts'
import { MillraceError } from '#kernel/errors.ts'
import { embedData, embedField, toEmbedData } from '#operations/embeds/embed-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const revokeEmbedOperation = defineOperation({
  name: 'embeds.revoke',
  summary: 'End a view: all of its links stop working within a second',
  permission: 'admin',
  rest: { method: 'POST', path: '/v1/embeds/{embed}/revoke' },
  input: z.strictObject({ embed: embedField }),
  output: embedData,
  async handler({ embed: id }, { parts, caller }) {
    const embed = await parts.catalog.asTenant(caller.tenant, (session) => revokeEmbed(session, id))
    if (!embed) throw new MillraceError('embed-unknown')
    return toEmbedData(embed)
  },
})
