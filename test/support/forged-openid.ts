import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Cleanup } from './database.ts'

/** What an ID token says, and how it is signed. */
export interface ForgedToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly key: 'published' | 'another' | 'none'
}

/** An OpenID provider that can lie: whatever `forge` makes of an honest token is what it answers. */
export interface ForgedOpenId {
  readonly issuer: string
  forge: (honest: ForgedToken) => ForgedToken
  /** Of the next token. */
  nonce: string
  /** What it publishes about itself, beside its endpoints. */
  metadata: Readonly<Record<string, unknown>>
}

const KEY_ID = 'key-1'

export async function startForgedOpenId(t: Cleanup, clientId: string): Promise<ForgedOpenId> {
  const published = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const another = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const keys = { published: published.privateKey, another: another.privateKey, none: null }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', own.issuer)
    const answer = answers[pathname]
    response.statusCode = answer ? 200 : 404
    response.setHeader('content-type', 'application/json')
    request.resume().on('end', () => response.end(JSON.stringify(answer?.() ?? {})))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const own: ForgedOpenId = { issuer, forge: (honest) => honest, nonce: '', metadata: {} }
  const answers: Readonly<Record<string, () => object>> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
      ...own.metadata,
    }),
    '/keys': () => {
      const jwk = published.publicKey.export({ format: 'jwk' })
      return { keys: [{ ...jwk, kid: KEY_ID, use: 'sig', alg: 'RS256' }] }
    },
    '/token': () => {
      const now = Math.floor(performance.timeOrigin / 1_000 + performance.now() / 1_000)
      const token = own.forge({
        header: { alg: 'RS256', kid: KEY_ID },
        claims: {
          iss: issuer,
          sub: 'anna',
          aud: clientId,
          iat: now,
          exp: now + 300,
          nonce: own.nonce,
          email: 'anna@example.com',
          email_verified: true,
        },
        key: 'published',
      })
      return { access_token: 'a', token_type: 'Bearer', id_token: toJwt(token, keys[token.key]) }
    },
  }
  return own
}

function toJwt({ header, claims }: ForgedToken, key: KeyObject | null): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${part(header)}.${part(claims)}`
  const signature =
    key === null ? '' : sign('sha256', Buffer.from(signed), key).toString('base64url')
  return `${signed}.${signature}`
}
