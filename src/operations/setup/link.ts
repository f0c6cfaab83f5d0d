import { z } from 'zod'

import { makeSetupLink } from '#auth/setup.ts'
import { defineOperation } from '#operations/operation.ts'

export const linkSetupOperation = defineOperation({
  name: 'setup.link',
  summary: 'Make the link by which one person becomes an operator; it replaces the former one',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/setup/link' },
  input: z.strictObject({}),
  output: z.object({ link: z.string().meta({ secret: true }), expiresAt: z.iso.datetime() }),
  async handler(_input, { parts }) {
    const made = await parts.catalog.asSystem((session) => makeSetupLink(session, parts))
    return { link: made.link, expiresAt: made.expiresAt.toISOString() }
  },
})
