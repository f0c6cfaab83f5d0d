import { z } from 'zod'

import { endSignOn } from '#auth/sign-on.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOpenOperation } from '#operations/operation.ts'

const field = (of: string) => z.string().max(8_000).optional().describe(of)

export const endSignOnOperation = defineOpenOperation({
  name: 'sign-on.callback',
  summary: 'Where a provider sends the browser back to: begins its session',
  permission: 'anyone',
  rest: { method: 'GET', path: '/v1/sign-on/{provider}/callback', redirect: 'location' },
  input: z.strictObject({
    provider: z
      .string()
      .min(1)
      .max(100)
      .meta({ names: 'identity-provider' })
      .describe('Id of the provider: `idp_…`.'),
    code: field('What the provider gives for us to fetch its answer with.').meta({ secret: true }),
    state: field('As it was sent there.').meta({ secret: true }),
    iss: field('Which issuer answers (RFC 9207).'),
    error: field('Why nobody has signed in.'),
    error_description: field('The same in words.'),
    error_uri: field('The same as a page.'),
    session_state: field('Of the session there; not used.'),
    scope: field('What was granted; not used.'),
    authuser: field('Of one provider; not used.'),
    hd: field('Of one provider; not used.'),
    prompt: field('Of one provider; not used.'),
  }),
  output: z.object({ location: z.string() }),
  async handler({ provider: providerId, code, state, iss, error }, { parts, door }) {
    if (!door.signOn) throw new MillraceError('browser-needed', { operation: 'sign-on.callback' })
    const { flow: sealed } = door.signOn
    // It is good for one answer, whatever that is.
    door.signOn.keep(null)
    const given = Object.entries({ code, state, iss, error })
    const fields = Object.fromEntries(
      given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    )
    const { userId, session, location } = await endSignOn(
      parts,
      { providerId, sealed, fields },
      door,
    )
    door.setSession(session)
    parts.log.info('signed on', { user: userId, session: session.id, address: door.address })
    return { location }
  },
})
