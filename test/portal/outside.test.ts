import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { startOpenId } from '../support/openid.ts'
import {
  openPortal,
  skipWithoutChromium,
  type Portal,
  type Session,
  OPERATOR,
} from '../support/portal.ts'
import { isSigned, openReceiver } from '../support/receiver.ts'

const skip = skipWithoutChromium
const SLOW = { timeout: 60_000 }

describe('other systems: webhooks and providers', { skip, timeout: 300_000 }, () => {
  let portal: Portal
  let ada: Session

  before(async () => {
    portal = await openPortal({ settings: { MILLRACE_EGRESS_ALLOW: '127.0.0.1' } })
    const { link } = await portal
      .client('demo')
      .invitations.create({ email: 'ada@example.com', role: 'owner' })
    ada = await portal.join(link ?? '', 'Ada', OPERATOR.password)
  })
  after(() => portal.close())

  test('a webhook is made, tried, fails with its tries shown, and gets its event after all', async (t) => {
    let status = 204
    const receiver = await openReceiver(t, () => ({
      status,
      body: status === 204 ? '' : 'no room',
    }))
    const { page, check, context } = await portal.visit('/t/demo/keys?tab=webhooks', { as: ada })
    await page.getByRole('button', { name: 'New webhook' }).click()
    const form = page.getByRole('dialog', { name: 'A new webhook' })
    await form.getByLabel('What it is for').fill('warehouse loader')
    await form.getByLabel('Address').fill(`${receiver.url}/hook`)
    await form.getByLabel('All, also those to come').uncheck()
    await form.getByLabel('a delivery is ready').check()
    await check()
    await form.getByRole('button', { name: 'Save the webhook' }).click()
    const kept = page.getByRole('dialog', { name: 'Keep this secret' })
    const secret = (await kept.locator('code').textContent()) ?? ''
    assert.match(secret, /^whsec_/)
    await kept.getByRole('button', { name: 'I have kept it' }).click()

    await page.getByRole('button', { name: /warehouse loader/ }).click()
    const drawer = page.getByRole('dialog', { name: 'warehouse loader' })
    await drawer.getByRole('button', { name: 'Send a test' }).click()
    await drawer.getByText(/^It arrived, in /).waitFor()
    const [ping] = receiver.received
    assert.ok(ping && isSigned(ping, secret))
    assert.match(ping.body, /subscription\.test/)
    await check()

    status = 503
    await drawer.getByRole('button', { name: 'Send a test' }).click()
    await drawer.getByText('It did not arrive: it answered 503').waitFor()
    const client = portal.client('demo', ada)
    await client.deliveries.create({ dataset: 'top_users' })
    await drawer.getByText(/^try 1 · .* · answered 503/).waitFor(SLOW)
    await drawer.getByText('no room', { exact: true }).last().waitFor()
    await drawer.getByText(/tr(y|ies) in vain/).waitFor(SLOW)
    await check()

    status = 204
    await drawer.getByRole('button', { name: /^Send again: delivery\.ready/ }).click()
    await drawer.getByText('arrived', { exact: true }).waitFor(SLOW)
    const [event] = receiver.received.filter(
      ({ body }, at) => at > 1 && body.includes('delivery.ready'),
    )
    assert.ok(event && isSigned(event, secret))
    await drawer.getByText(/tr(y|ies) in vain/).waitFor({ state: 'detached', ...SLOW })
    await check()
    await context.close()

    const small = await portal.visit('/t/demo/keys?tab=webhooks', {
      as: ada,
      width: 390,
      height: 844,
      theme: 'dark',
    })
    await small.page.getByText('warehouse loader').waitFor()
    await small.check()
    await small.context.close()
  })

  test('people sign in by a provider that the form has named, which is asked first', async (t) => {
    const provider = await startOpenId(t, {
      olaf: { email: 'olaf@example.com', email_verified: true, name: 'Olaf' },
    })
    const { page, check, context } = await portal.visit('/t/demo/people?tab=signOn', { as: ada })
    await page.getByRole('button', { name: 'Add a provider' }).first().click()
    const form = page.getByRole('dialog', { name: 'Add a provider' })
    await form.getByLabel('What people call it').fill('Our directory')
    await form.getByLabel('Issuer').fill(`${provider.issuer}/elsewhere`)
    await form.getByLabel('Client id').fill(provider.clientId)
    await form.getByLabel('Client secret').fill(provider.clientSecret)
    await form.getByLabel('Domains of e-mail addresses').fill('example.com')
    await form.getByLabel('Role of whoever').selectOption('viewer')
    await form.getByRole('button', { name: 'Save the provider' }).click()
    await form.getByRole('alert').waitFor()
    await form.getByLabel('Issuer').fill(provider.issuer)
    await form.getByRole('button', { name: 'Save the provider' }).click()
    await page.getByText('Our directory is saved.').waitFor()
    await check()
    const [saved] = (await portal.client('demo', ada).identityProviders.list({})).providers
    assert.ok(saved)
    provider.comeBackTo([saved.redirectUri])
    await context.close()

    const way = await portal.visit('/sign-in', { as: null })
    await way.page.goto(saved.link)
    await way.page.waitForURL(/\/t\/demo/, SLOW)
    const { members } = await portal.client('demo', ada).members.list({ limit: 10 })
    assert.ok(members.some(({ email }) => email === 'olaf@example.com'))
    await way.context.close()
  })
})
