import { addProvider } from '#catalog/identity-providers.ts'
import { insertMail } from '#catalog/mail.ts'
import { addMember } from '#catalog/memberships.ts'
import { listSessions } from '#catalog/sessions.ts'
import { createUser } from '#catalog/users.ts'
import { beginUserSession } from '#auth/people.ts'
import type { Tenant } from '#model/tenant.ts'
import type { World } from './world.ts'

/** Things that no request makes without a mail server or another service, put into the catalog. */
export const peopleMakers: Readonly<
  Record<string, (world: World, tenant: Tenant, word: string) => Promise<string>>
> = {
  member: (world, tenant, word) => addUser(world, tenant, word),
  async session(world, tenant, word) {
    const { catalog, ids, random } = world.server.open
    const id = await addUser(world, tenant, `${word}-session`)
    const arrival = { address: '192.0.2.1', agent: `${word} browser` }
    await catalog.asSystem((session) =>
      beginUserSession(session, { ids, random }, { id, isOperator: false }, arrival),
    )
    const [begun] = await catalog.asSystem((session) => listSessions(session, id))
    return begun?.id ?? ''
  },
  async mail({ server }, tenant, word) {
    const id = server.open.ids.next('mail')
    await server.open.catalog.asTenant(tenant, (session) =>
      insertMail(session, {
        id,
        recipient: `${word}@example.com`,
        recipientName: word,
        template: 'test',
        data: { word },
        sealed: null,
      }),
    )
    return id
  },
  async 'identity-provider'({ server }, tenant, word) {
    const id = server.open.ids.next('idp')
    const provider = {
      id,
      name: `${word} people`,
      issuer: `https://${word}.example.com`,
      clientId: word,
      clientSecret: null,
      domains: [`${word}.example.com`],
      defaultRole: null,
      revision: '1',
      createdBy: word,
    }
    await server.open.catalog.asTenant(tenant, (session) => addProvider(session, provider, 20))
    return id
  },
}

async function addUser({ server }: World, tenant: Tenant, word: string): Promise<string> {
  const { catalog, ids } = server.open
  const id = ids.next('usr')
  const user = { id, email: `${word}@example.com`, name: `${word} person`, password: null }
  await catalog.asSystem((session) => createUser(session, user))
  const member = { userId: id, role: 'analyst', invitedBy: word }
  await catalog.asTenant(tenant, (session) => addMember(session, member))
  return id
}
