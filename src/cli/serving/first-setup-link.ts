import type { OpenParts } from '#app/compose.ts'
import { makeSetupLink } from '#auth/setup.ts'
import { hasUsers } from '#catalog/users.ts'

/**
 * The link by which the first person becomes an operator: there are no passwords that everybody knows.
 * A new one at each start, until there is an account; null then.
 */
export async function firstSetupLink(
  { catalog, random, config }: Pick<OpenParts, 'catalog' | 'random' | 'config'>,
  address: string,
): Promise<string | null> {
  return catalog.asSystem(async (session) => {
    if (await hasUsers(session)) return null
    const publicUrl = () => config.publicUrl ?? address
    const { link } = await makeSetupLink(session, { random, publicUrl })
    return link
  })
}
