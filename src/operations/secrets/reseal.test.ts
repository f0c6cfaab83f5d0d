import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import {
  callbackSecret,
  getCallHandler,
  setCallHandler,
  setCallbackSecret,
} from '#catalog/background-handlers.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { setSourceOptions, sourceOptions } from '#catalog/options.ts'
import { createTenant } from '#catalog/tenants.ts'
import { optionPlaces } from '#factory/sources.ts'
import { createIds } from '#kernel/ids.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { createMailer } from '#mail/mailer.ts'
import type { Tenant } from '#model/tenant.ts'
import { resealSecrets } from '#operations/secrets/reseal.ts'
import { settleSecrets } from '#operations/secrets/settle-secrets.ts'
import { keyLine, parseKeyRing } from '#secrets/key-ring.ts'
import { openFields, sealFields } from '#secrets/secret-fields.ts'
import { openSecrets, sealedBy, type Secrets } from '#secrets/secrets.ts'
import { callbackSecretPlace, handlerSecretPlace } from '#tasks/signing-secret.ts'
import { eachEngine, suiteCatalog } from '../../../test/support/database.ts'

const newKey = () => keyLine(systemRandom.bytes(32))
const ring = (...lines: readonly string[]) =>
  openSecrets(parseKeyRing(lines.join(''), 'keys'), systemRandom)
const [former, current] = [newKey(), newKey()]
const log = silentLogger
const options = {
  region: 'r',
  accessKeyId: 'id',
  secretAccessKey: 'plain-key',
  sessionToken: 'tok',
}
const names = ['secretAccessKey', 'sessionToken']

/** A secret of every kind. */
async function fill(catalog: Catalog, tenant: Tenant, secrets: Secrets): Promise<void> {
  const mailer = createMailer({ isOn: true, secrets, ids: createIds(systemClock, systemRandom) })
  await catalog.asTenant(tenant, async (session) => {
    const places = optionPlaces(tenant.id, 'events')
    await setSourceOptions(session, 'events', sealFields(secrets, options, names, places))
    const handler = { name: 'resize', url: 'https://example.com/', timeoutMs: 1_000 }
    const sealed = secrets.seal('plain-handler', handlerSecretPlace(tenant.id, 'resize'))
    await setCallHandler(session, handler, sealed)
    await setCallbackSecret(
      session,
      secrets.seal('plain-callback', callbackSecretPlace(tenant.id)),
      'keep',
    )
    const data = { link: 'https://example.com/plain-link', until: '2026-01-01T00:00:00Z' }
    await mailer.queue(session, { to: { address: 'a@b.cd' }, template: 'password-reset', data })
  })
}

/** What is stored, opened. */
async function opened(catalog: Catalog, tenant: Tenant, secrets: Secrets): Promise<unknown[]> {
  return catalog.asTenant(tenant, async (session) => {
    const handler = await getCallHandler(session, 'resize')
    const callback = await callbackSecret(session)
    return [
      openFields(
        secrets,
        await sourceOptions(session, 'events'),
        optionPlaces(tenant.id, 'events'),
      ),
      secrets.open(handler?.secret ?? '', handlerSecretPlace(tenant.id, 'resize')),
      secrets.open(callback?.secret ?? '', callbackSecretPlace(tenant.id)),
    ]
  })
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  /** Everything that any table holds, as text. */
  async function dump(): Promise<string> {
    const { admin } = open()
    const tables = await admin<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_class c
       WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind = 'r'`,
    )
    let text = ''
    for (const { name } of tables) {
      const [row] = await admin<{ rows: string | null }>(
        `SELECT string_agg(t::text, E'\\n') AS rows FROM ${name} t`,
      )
      text += `${name}\n${row?.rows ?? ''}\n`
    }
    return text
  }

  describe('the secrets of every tenant', () => {
    test('stand in no table, and come under the current key', async () => {
      const { catalog } = open()
      const tenants = [await createTenant(catalog, 'alpha'), await createTenant(catalog, 'beta')]
      for (const tenant of tenants) await fill(catalog, tenant, ring(former))
      const both = ring(current, former)
      const before = await dump()
      assert.doesNotMatch(before, /plain-|"tok"/)
      assert.ok(before.includes(`enc:v1:${both.keyIds[1]}`))

      const parts = { catalog, secrets: both, log }
      assert.deepEqual(await resealSecrets(parts, 'open'), { resealed: 0, unreadable: 0 })
      assert.deepEqual(await resealSecrets(parts, 'everything'), { resealed: 8, unreadable: 0 })
      const after = await dump()
      assert.ok(!after.includes(`enc:v1:${both.keyIds[1]}`))
      assert.doesNotMatch(after, /plain-|"tok"/)
      for (const tenant of tenants) {
        assert.deepEqual(await opened(catalog, tenant, ring(current)), [
          options,
          'plain-handler',
          'plain-callback',
        ])
      }
      assert.deepEqual(await resealSecrets(parts, 'everything'), { resealed: 0, unreadable: 0 })
    })

    test('go on where a rotation was broken off', async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      await fill(catalog, tenant, ring(former))
      const both = ring(current, former)
      let left = 4
      const dying: Catalog = {
        ...catalog,
        async asSystem(work) {
          if (left-- === 0) throw new Error('killed')
          return catalog.asSystem(work)
        },
      }
      await assert.rejects(resealSecrets({ catalog: dying, secrets: both, log }, 'everything'))
      assert.match(await dump(), new RegExp(`enc:v1:${both.keyIds[1]}`))
      const rest = await resealSecrets({ catalog, secrets: both, log }, 'everything')
      assert.ok(rest.resealed > 0 && rest.resealed < 4, `${rest.resealed}`)
      assert.equal((await opened(catalog, tenant, ring(current))).length, 3)
    })

    test('that somebody sets during a rotation stay as they were set', async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      await fill(catalog, tenant, ring(former))
      const both = ring(current, former)
      const place = handlerSecretPlace(tenant.id, 'resize')
      const handler = { name: 'resize', url: 'https://example.com/', timeoutMs: 1_000 }
      let changes = 0
      const slow: Catalog = {
        ...catalog,
        async asSystem(work) {
          const result = await catalog.asSystem(work)
          // The page that holds it has been read, and is not written back yet.
          if (changes === 0 && JSON.stringify(result)?.includes('"resize"')) {
            const sealed = ring(former).seal('newer', place)
            await catalog.asTenant(tenant, (session) => setCallHandler(session, handler, sealed))
            changes++
          }
          return result
        },
      }
      await resealSecrets({ catalog: slow, secrets: both, log }, 'everything')
      assert.equal(changes, 1)
      assert.equal((await opened(catalog, tenant, both))[1], 'newer')
    })

    test('whose key is gone or that were copied are counted, and stay', async () => {
      const { catalog, admin } = open()
      const alpha = await createTenant(catalog, 'alpha')
      const beta = await createTenant(catalog, 'beta')
      await fill(catalog, alpha, ring(current))
      await fill(catalog, beta, ring(former))
      const stranger = ring(current)
      const count = await resealSecrets({ catalog, secrets: stranger, log }, 'everything')
      assert.deepEqual(count, { resealed: 0, unreadable: 4 })
      assert.equal((await opened(catalog, beta, ring(former)))[1], 'plain-handler')

      await admin('UPDATE call_handler SET secret = (SELECT min(secret) FROM call_handler)')
      const both = ring(current, former)
      const results = await Promise.allSettled([
        opened(catalog, alpha, both),
        opened(catalog, beta, both),
      ])
      assert.deepEqual(
        results.map(({ status }) => status).toSorted(),
        ['fulfilled', 'rejected'],
        'the copy opens for one of them only',
      )
    })

    test('that lie open from before there were keys are encrypted at the start', async () => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      await catalog.asTenant(tenant, async (session) => {
        await setSourceOptions(session, 'events', options)
        const handler = { name: 'resize', url: 'https://example.com/', timeoutMs: 1_000 }
        await setCallHandler(session, handler, 'whsec_plain-handler')
        await setCallbackSecret(session, 'whsec_plain-callback', 'keep')
      })
      await settleSecrets({ catalog, secrets: openSecrets([], systemRandom), log })
      assert.match(await dump(), /plain-key/)
      const secrets = ring(current)
      await settleSecrets({ catalog, secrets, log })
      assert.doesNotMatch(await dump(), /plain-|"tok"/)
      const [fields, ...signing] = await opened(catalog, tenant, secrets)
      assert.deepEqual(fields, options)
      assert.deepEqual(signing, ['whsec_plain-handler', 'whsec_plain-callback'])
      const handler = await catalog.asTenant(tenant, (s) => getCallHandler(s, 'resize'))
      assert.equal(sealedBy(handler?.secret ?? ''), secrets.currentKeyId)
    })
  })
})
