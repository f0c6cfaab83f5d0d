import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { authorizationUrl, checkedIssuer, personOf, type OidcProvider } from '#auth/oidc-client.ts'
import { openEgress, type Egress } from '#egress/egress.ts'
import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Cleanup } from '../../test/support/database.ts'
import {
  startForgedOpenId,
  type ForgedOpenId,
  type ForgedToken,
} from '../../test/support/forged-openid.ts'

const closers: (() => Promise<void>)[] = []
const cleanup: Cleanup = { after: (close) => void closers.unshift(close) }
const checks = { state: 'state', nonce: 'nonce', verifier: 'verifier '.repeat(6) }
const BACK = 'https://millrace.example.com/v1/sign-on/idp_1/callback'
const cameTo = new URL(`${BACK}?code=1&state=state`)

let openid: ForgedOpenId
let egress: Egress
let revisions = 0

before(async () => {
  openid = await startForgedOpenId(cleanup, 'millrace')
  openid.nonce = checks.nonce
  egress = openEgress({ allow: ['127.0.0.1'], clock: systemClock })
})
after(async () => {
  egress.close()
  for (const close of closers) await close()
})

/** As it is now: nothing that was published before is remembered. */
function provider(): OidcProvider {
  const revision = String(++revisions)
  return { id: 'idp_1', revision, issuer: openid.issuer, clientId: 'millrace', clientSecret: 's' }
}

const person = (of = provider()) => personOf({ egress, clock: systemClock }, of, cameTo, checks)

async function refused(forge: (honest: ForgedToken) => ForgedToken): Promise<void> {
  openid.forge = forge
  try {
    await assert.rejects(person(), (error: unknown) => {
      assert.ok(error instanceof MillraceError, String(error))
      assert.equal(error.code, 'sign-on-doubted', error.message)
      return true
    })
  } finally {
    openid.forge = (honest) => honest
  }
}

const saying = (claims: Readonly<Record<string, unknown>>) => (honest: ForgedToken) => ({
  ...honest,
  claims: { ...honest.claims, ...claims },
})

test('an honest token names the person', async () => {
  assert.deepEqual(await person(), {
    issuer: openid.issuer,
    subject: 'anna',
    verifiedEmail: 'anna@example.com',
    name: null,
  })
})

test('a token for another question, client, issuer or time is refused', async () => {
  await refused(saying({ nonce: 'another' }))
  await refused(saying({ nonce: undefined }))
  await refused(saying({ aud: 'another client' }))
  await refused(saying({ aud: ['millrace', 'another'], azp: 'another' }))
  await refused(saying({ iss: 'https://another.example.com' }))
  await refused(saying({ exp: 1_000_000 }))
  await refused(saying({ iat: 'now' }))
  await refused(saying({ sub: undefined }))
})

test('a token that the published key has not signed is refused', async () => {
  await refused((honest) => ({ ...honest, key: 'another' }))
  await refused((honest) => ({ ...honest, header: { alg: 'none' }, key: 'none' }))
  await refused((honest) => ({ ...honest, header: { alg: 'HS256', kid: 'key-1' } }))
  await refused((honest) => ({ ...honest, key: 'none' }))
})

test('an address counts as verified only where the token says exactly so', async () => {
  const verifiedEmail = async (claims: Readonly<Record<string, unknown>>) => {
    openid.forge = saying(claims)
    try {
      return (await person()).verifiedEmail
    } finally {
      openid.forge = (honest) => honest
    }
  }
  assert.equal(await verifiedEmail({ email_verified: false }), null)
  assert.equal(await verifiedEmail({ email_verified: 'true' }), null)
  assert.equal(await verifiedEmail({ email_verified: 1 }), null)
  assert.equal(await verifiedEmail({ email: ['anna@example.com'] }), null)
})

test('an answer without the issuer is refused where the provider promises to name it', async () => {
  openid.metadata = { authorization_response_iss_parameter_supported: true }
  try {
    await assert.rejects(person(), /iss/)
  } finally {
    openid.metadata = {}
  }
})

test('what a provider publishes is judged before it is used', async () => {
  const parts = { egress, clock: systemClock }
  assert.equal(await checkedIssuer(parts, provider()), openid.issuer)
  const problemOf = async (metadata: Readonly<Record<string, unknown>>) => {
    openid.metadata = metadata
    try {
      await checkedIssuer(parts, provider())
      return 'none'
    } catch (error) {
      assert.ok(error instanceof MillraceError, String(error))
      return error.code
    } finally {
      openid.metadata = {}
    }
  }
  assert.equal(await problemOf({ issuer: 'https://another.example.com' }), 'issuer-unusable')
  assert.equal(await problemOf({ token_endpoint: undefined }), 'issuer-unusable')
  openid.metadata = { authorization_endpoint: 'javascript:alert(1)' }
  await assert.rejects(authorizationUrl(parts, provider(), BACK, checks))
  openid.metadata = { token_endpoint: 'http://10.0.0.1/token' }
  await assert.rejects(person(), (error: MillraceError) => error.code === 'egress-denied')
  openid.metadata = {}
})

test('the question holds the challenge, and nothing that must stay here', async () => {
  const parts = { egress, clock: systemClock }
  const url = await authorizationUrl(parts, provider(), BACK, checks)
  assert.equal(url.searchParams.get('code_challenge_method'), 'S256')
  assert.equal(url.searchParams.get('redirect_uri'), BACK)
  assert.ok(!url.href.includes('verifier'), url.href)
  assert.ok(!url.searchParams.has('client_secret'))
})
