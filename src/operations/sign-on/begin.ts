import { z } from 'zod'

import { beginSignOn } from '#auth/sign-on.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOpenOperation } from '#operations/operation.ts'

export const beginSignOnOperation = defineOpenOperation({
  name: 'sign-on.begin',
  summary: 'Sign in by a provider: leads the browser there',
  permission: 'anyone',
  rest: { method: 'GET', path: '/v1/sign-on/{provider}', redirect: 'location' },
  input: z.strictObject({
    provider: z
      .string()
      .min(1)
      .max(100)
      .meta({ names: 'identity-provider' })
      .describe('Id of the provider: `idp_…`.'),
    returnTo: z
      .string()
      .max(1_000)
      .optional()
      .describe('Path of ours to go to in the end; default: `/`.'),
  }),
  output: z.object({ location: z.string() }),
  async handler({ provider, returnTo }, { parts, door }) {
    if (!door.signOn) throw new MillraceError('browser-needed', { operation: 'sign-on.begin' })
    const { location, sealed } = await beginSignOn(parts, provider, returnTo)
    door.signOn.keep(sealed)
    return { location }
  },
})
