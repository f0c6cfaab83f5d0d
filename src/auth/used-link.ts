import type { Arrival, PeopleParts } from '#auth/people.ts'
import { hashOfToken, isTokenForm } from '#auth/secret-token.ts'
import { attemptFailed, refuseAddress } from '#auth/throttle.ts'
import { linkOwner, type LinkPurpose } from '#catalog/account-links.ts'
import { MillraceError } from '#kernel/errors.ts'

/**
 * Whose link it is that somebody brings; it is not used up. One that does not work counts as a failure
 * of the network address. Throws `link-unknown`, `sign-in-throttled`.
 */
export async function whoseLink(
  { catalog }: Pick<PeopleParts, 'catalog'>,
  purpose: LinkPurpose,
  token: string,
  { address }: Pick<Arrival, 'address'>,
): Promise<{ readonly userId: string | null }> {
  const owner = await catalog.asSystem(async (session) => {
    await refuseAddress(session, address)
    const found = isTokenForm(token) ? await linkOwner(session, purpose, hashOfToken(token)) : null
    if (!found) await attemptFailed(session, { email: '', address })
    return found
  })
  if (!owner) throw new MillraceError('link-unknown')
  return owner
}
