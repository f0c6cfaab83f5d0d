import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { addressesOf, fillDemo, isDoor } from '../support/portal-screens.ts'
import {
  openPortal,
  seriousViolations,
  settled,
  skipWithoutChromium,
  type Portal,
  type VisitOptions,
} from '../support/portal.ts'

const looks: readonly (VisitOptions & { readonly name: string })[] = [
  { name: 'light', theme: 'light' },
  { name: 'dark', theme: 'dark' },
  { name: 'phone', theme: 'light', width: 390, height: 844 },
]

/** Every screen as it is in the demo tenant: what holds for each of them. */
describe('every screen', { skip: skipWithoutChromium, timeout: 540_000 }, () => {
  let portal: Portal
  let screens: Record<string, string>
  before(async () => {
    portal = await openPortal()
    await fillDemo(portal)
    screens = await addressesOf(portal)
  })
  after(() => portal.close())

  for (const { name: look, ...options } of looks) {
    test(`${look}: axe finds nothing serious, no error, nothing from elsewhere, nothing beyond the edge`, async () => {
      const found: string[] = []
      const visit = await portal.visit('/livez', options)
      const nobody = await portal.visit('/livez', { ...options, as: null })
      for (const [screen, address] of Object.entries(screens)) {
        const { page, faults } = isDoor(address) && screen !== 'account' ? nobody : visit
        faults.length = 0
        await page.goto(portal.url + address.replace('{tenant}', 'demo'))
        await settled(page)
        found.push(...(await seriousViolations(page)).map((one) => `${screen}: ${one}`))
        found.push(...faults.map((fault) => `${screen}: ${fault}`))
        const beyond = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        if (beyond > 0) found.push(`${screen}: ${beyond} pixels beyond the edge`)
      }
      await visit.context.close()
      await nobody.context.close()
      assert.deepEqual(found, [])
    })
  }

  test('a viewer is led to nothing, and asks for nothing, that a viewer is refused', async () => {
    const client = portal.client('demo')
    const { link } = await client.invitations.create({ email: 'vera@example.com', role: 'viewer' })
    const vera = await portal.join(link ?? '', 'Vera Viewer', 'blaue Ente 23 Liter')
    const { page, context, faults } = await portal.visit('/t/demo/home', { as: vera })
    const refused: string[] = []
    let screen = 'home'
    page.on('response', (response) => {
      if (response.status() === 403) refused.push(`${screen}: ${response.url()}`)
    })
    await settled(page)
    const ways = await page
      .getByRole('navigation')
      .getByRole('link')
      .evaluateAll((links) => links.map((one) => String((one as { href?: string }).href)))
    assert.ok(ways.length > 6, ways.join(' '))
    assert.ok(
      !ways.some((way) => /\/(keys|people|audit|settings|tenants)$/.test(way)),
      ways.join(' '),
    )
    const details = ['endpoint', 'receipt', 'quarantine'].map((name) => screens[name] ?? '')
    const addresses = details.map((address) => portal.url + address.replace('{tenant}', 'demo'))
    for (screen of new Set([...ways, ...addresses])) {
      await page.goto(screen)
      await settled(page)
    }
    await context.close()
    assert.deepEqual([...refused, ...faults], [])
  })
})
