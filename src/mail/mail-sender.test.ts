import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { describe, test, type TestContext } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { listMail, retryMail, type MailInfo } from '#catalog/mail.ts'
import { createTenant } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { createIds } from '#kernel/ids.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { startMailSender } from '#mail/mail-sender.ts'
import { createMailer } from '#mail/mailer.ts'
import { openSmtp } from '#mail/smtp.ts'
import type { Tenant } from '#model/tenant.ts'
import { keyLine, parseKeyRing } from '#secrets/key-ring.ts'
import { openSecrets } from '#secrets/secrets.ts'
import { eachEngine, suiteCatalog, testParts } from '../../test/support/database.ts'
import { openMailServer } from '../../test/support/mail-server.ts'

const secrets = openSecrets(parseKeyRing(keyLine(systemRandom.bytes(32)), 'keys'), systemRandom)
const ids = createIds(systemClock, systemRandom)
const mailer = createMailer({ isOn: true, secrets, ids })
const link = 'https://millrace.example.com/invitation?token=very-secret-token'

const invitation = (address: string, tenant = 'Alpha') => ({
  to: { address, name: 'Ada' },
  template: 'invitation' as const,
  data: { tenant, inviter: 'Bob', role: 'analyst', link, until: '2026-12-01T10:00:00Z' },
})

function sender(t: TestContext, catalog: Catalog, url: string, log = silentLogger) {
  const smtp = openSmtp({ url, from: 'Millrace <post@millrace.example.com>' })
  const running = startMailSender({ ...testParts, catalog, secrets, smtp, log })
  t.after(() => running.stop(0))
  return running
}

async function until(
  catalog: Catalog,
  tenant: Tenant,
  done: (mail: readonly MailInfo[]) => boolean,
): Promise<readonly MailInfo[]> {
  for (;;) {
    const ask = { state: null, after: null, limit: 100 }
    const mail = await catalog.asTenant(tenant, (session) => listMail(session, ask))
    if (done(mail)) return mail
    await systemClock.sleep(10)
  }
}

const allEnded = (mail: readonly MailInfo[]) => mail.every(({ endedAt }) => endedAt !== null)
const triedOnce = (mail: readonly MailInfo[]) =>
  mail.every(({ attempts, state }) => attempts > 0 && state !== 'sending')

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  describe('mail in the outbox', () => {
    test('goes out if its cause is committed, and its link is gone then', async (t) => {
      const { catalog, admin } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const server = await openMailServer(t)
      await assert.rejects(
        catalog.asTenant(tenant, async (session) => {
          await mailer.queue(session, invitation('never@example.com'))
          throw new Error('the cause came to nothing')
        }),
      )
      await catalog.asTenant(tenant, (s) => mailer.queue(s, invitation('ada@example.com')))
      await catalog.asSystem((s) => mailer.queue(s, invitation('reset@example.com')))
      const stored = await admin<{ row: string }>('SELECT mail::text AS row FROM mail')
      assert.equal(stored.length, 2)
      assert.doesNotMatch(JSON.stringify(stored), /very-secret-token/)

      sender(t, catalog, server.url)
      const [mail] = await until(catalog, tenant, allEnded)
      assert.equal(mail?.state, 'sent')
      while (server.received.length < 2) await systemClock.sleep(10)
      const got = server.received.find(({ to }) => to[0] === 'ada@example.com')
      assert.ok(got)
      assert.equal(got.from, 'post@millrace.example.com')
      assert.equal(got.parsed.subject, 'Invitation to “Alpha”')
      assert.equal(got.parsed.messageId, `<${mail.id}@millrace.example.com>`)
      assert.ok(got.parsed.text?.includes(link))
      assert.ok(got.parsed.html?.includes(`href="${link}"`))
      assert.match(got.parsed.text ?? '', /until 2026-12-01 10:00 UTC/)
      const [{ left } = { left: 1 }] = await admin<{ left: number }>(
        `SELECT count(*)::int AS left FROM mail WHERE sealed IS NOT NULL AND state = 'sent'`,
      )
      assert.equal(left, 0)
    })

    test('is tried again after a passing refusal, under the same message id', async (t) => {
      const { catalog, admin } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const server = await openMailServer(t, (_to, tries) =>
        tries === 1 ? { code: 451, text: 'greylisted, come back' } : null,
      )
      await catalog.asTenant(tenant, (s) => mailer.queue(s, invitation('ada@example.com')))
      sender(t, catalog, server.url)
      const [mail] = await until(catalog, tenant, triedOnce)
      assert.equal(mail?.state, 'queued')
      assert.match(mail.error ?? '', /451.*greylisted/)
      assert.ok((mail.nextAt?.getTime() ?? 0) > systemClock.now().getTime() + 2_000)
      await admin(`UPDATE mail SET next_at = now(); NOTIFY millrace_ready`)
      const [sent] = await until(catalog, tenant, allEnded)
      assert.deepEqual([sent?.state, sent?.attempts, sent?.error], ['sent', 2, null])
      assert.equal(server.received[0]?.parsed.messageId, `<${mail.id}@millrace.example.com>`)
    })

    test('that is refused for good bounces at once, and can be tried again', async (t) => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      let full = true
      const server = await openMailServer(t, () =>
        full ? { code: 550, text: 'no such mailbox' } : null,
      )
      await catalog.asTenant(tenant, (s) => mailer.queue(s, invitation('ada@example.com')))
      sender(t, catalog, server.url)
      const [mail] = await until(catalog, tenant, allEnded)
      assert.deepEqual([mail?.state, mail?.attempts], ['bounced', 1])
      assert.match(mail?.error ?? '', /550.*no such mailbox/)
      full = false
      assert.ok(await catalog.asTenant(tenant, (s) => retryMail(s, mail?.id ?? '')))
      const [sent] = await until(catalog, tenant, allEnded)
      assert.equal(sent?.state, 'sent')
      assert.ok(server.received[0]?.parsed.text?.includes(link))
      assert.ok(!(await catalog.asTenant(tenant, (s) => retryMail(s, mail?.id ?? ''))))
    })

    test('waits for a server that is away, and the error names no host', async (t) => {
      const { catalog, admin } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const closed = createServer().listen(0, '127.0.0.1')
      await new Promise((ready) => closed.once('listening', ready))
      const { port } = closed.address() as AddressInfo
      await new Promise((done) => closed.close(done))
      await catalog.asTenant(tenant, (s) => mailer.queue(s, invitation('ada@example.com')))
      sender(t, catalog, `smtp://127.0.0.1:${port}`)
      const [mail] = await until(catalog, tenant, triedOnce)
      assert.equal(mail?.state, 'queued')
      assert.equal(mail?.error, 'the mail server cannot be reached (ECONNREFUSED)')
      await admin(`UPDATE mail SET next_at = now(), until = now(); NOTIFY millrace_ready`)
      const [failed] = await until(catalog, tenant, allEnded)
      assert.equal(failed?.state, 'failed')
    })

    test('is sent once by two senders', async (t) => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const server = await openMailServer(t)
      await catalog.asTenant(tenant, async (session) => {
        for (let n = 0; n < 40; n++) await mailer.queue(session, invitation(`to${n}@example.com`))
      })
      sender(t, catalog, server.url)
      sender(t, catalog, server.url)
      const mail = await until(catalog, tenant, allEnded)
      assert.equal(mail.length, 40)
      const to = server.received.map((received) => received.to.join())
      assert.equal(to.length, 40)
      assert.equal(new Set(to).size, 40)
    })

    test('that was sent by a sender that died is sent again as the same message', async (t) => {
      const { catalog, admin } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const server = await openMailServer(t)
      await catalog.asTenant(tenant, (s) => mailer.queue(s, invitation('ada@example.com')))
      let calls = 0
      const dying: Catalog = {
        ...catalog,
        asSystem(work) {
          if (server.received.length > 0) {
            calls++
            return Promise.reject(new Error('the process is dead'))
          }
          return catalog.asSystem(work)
        },
      }
      const first = sender(t, dying, server.url)
      while (calls === 0) await systemClock.sleep(10)
      await first.stop(0)
      const [mail] = await until(catalog, tenant, () => true)
      assert.equal(mail?.state, 'sending')
      sender(t, catalog, server.url)
      await systemClock.sleep(50)
      assert.equal(server.received.length, 1, 'not before its lease is over')
      await admin(`UPDATE mail SET next_at = now(); NOTIFY millrace_ready`)
      const [sent] = await until(catalog, tenant, allEnded)
      assert.deepEqual([sent?.state, sent?.attempts], ['sent', 2])
      const [a, b] = server.received
      assert.equal(server.received.length, 2)
      assert.equal(a?.parsed.messageId, b?.parsed.messageId)
    })

    test('of another tenant is not seen, and what ended long ago goes', async (t) => {
      const { catalog, shiftClock, admin } = open()
      const alpha = await createTenant(catalog, 'alpha')
      const beta = await createTenant(catalog, 'beta')
      const server = await openMailServer(t)
      const id = await catalog.asTenant(alpha, (s) => mailer.queue(s, invitation('a@example.com')))
      const ask = { state: null, after: null, limit: 10 }
      assert.deepEqual(await catalog.asTenant(beta, (s) => listMail(s, ask)), [])
      assert.ok(!(await catalog.asTenant(beta, (s) => retryMail(s, id ?? ''))))
      const running = sender(t, catalog, server.url)
      await until(catalog, alpha, allEnded)
      await running.stop(1_000)
      await shiftClock(31 * 86_400_000)
      sender(t, catalog, server.url)
      await until(catalog, alpha, (mail) => mail.length === 0)
      await shiftClock(0)
      assert.deepEqual(await admin('SELECT id FROM mail'), [])
    })
  })
})
