import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

import type { Cleanup } from './database.ts'

/** What the provider says of a person. */
export interface OpenIdAccount {
  readonly email: string
  readonly email_verified: boolean
  readonly name?: string
}

/** A real OpenID provider on a port of its own, where whoever is chosen signs in without a page. */
export interface OpenIdServer {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Accounts by subject. */
  readonly accounts: Map<string, OpenIdAccount>
  /** Subject of whoever sits before the browser; null: declines. */
  person: string | null
  /** Registers where browsers come back to; who has signed in there is forgotten. */
  comeBackTo(redirectUris: readonly string[]): void
}

export async function startOpenId(
  t: Cleanup,
  accounts: Readonly<Record<string, OpenIdAccount>>,
): Promise<OpenIdServer> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = () => {}
  const server = createServer((request, response) => handle(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const own: OpenIdServer = {
    issuer,
    clientId: 'millrace',
    clientSecret: 'a secret of the tests only',
    accounts: new Map(Object.entries(accounts)),
    person: Object.keys(accounts)[0] ?? null,
    comeBackTo(redirectUris) {
      handle = handlerOf(own, redirectUris)
    },
  }
  own.comeBackTo(['https://nowhere.example.com'])
  return own
}

function handlerOf(own: OpenIdServer, redirectUris: readonly string[]) {
  const provider = new Provider(own.issuer, {
    clients: [
      {
        client_id: own.clientId,
        client_secret: own.clientSecret,
        redirect_uris: redirectUris,
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['of the tests only'] },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, sub: string) => {
      const account = own.accounts.get(sub)
      return account && { accountId: sub, claims: () => ({ sub, ...account }) }
    },
  })
  const callback = provider.callback()
  return (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith('/interaction/')) return callback(request, response)
    finish(provider, own, request, response).catch((error: unknown) => {
      response.statusCode = 500
      response.end(String(error))
    })
  }
}

/** Signs in and agrees to everything that is asked for. */
async function finish(
  provider: Provider,
  { person, clientId }: OpenIdServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const merge = { mergeWithLastSubmission: true }
  if (person === null) {
    const declined = { error: 'access_denied', error_description: 'nobody is there' }
    return provider.interactionFinished(request, response, declined, merge)
  }
  const { prompt, session } = await provider.interactionDetails(request, response)
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: person } }, merge)
  }
  const grant = new provider.Grant({ accountId: session?.accountId ?? person, clientId })
  grant.addOIDCScope(prompt.details.missingOIDCScope?.join(' ') ?? '')
  grant.addOIDCClaims(prompt.details.missingOIDCClaims ?? [])
  const consent = { grantId: await grant.save() }
  return provider.interactionFinished(request, response, { consent }, merge)
}
