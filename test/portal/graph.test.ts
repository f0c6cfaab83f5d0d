import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'

import { openPortal, skipWithoutChromium, type Portal } from '../support/portal.ts'

describe(
  'lineage, analyses and operators’ screens',
  { skip: skipWithoutChromium, timeout: 600_000 },
  () => {
    let portal: Portal
    before(async () => {
      portal = await openPortal()
    })
    after(() => portal.close())

    test('the lineage lights the way of what is chosen, is walked with keys, and opens what is behind', async () => {
      const { page, check, context } = await portal.visit('/t/demo/lineage')
      const box = (name: string) => page.getByRole('button', { name: new RegExp(`^${name}\\s*:`) })
      await box('users_by_day').click()
      await page.waitForURL(/node=dataset%3Ausers_by_day/)
      const panel = page.getByRole('complementary')
      await panel.getByText('every day of the month').first().waitFor()
      await check()
      await page.keyboard.press('ArrowLeft')
      await page.waitForURL(/node=dataset%3Aevents(&|$)/)
      await page.waitForFunction("document.activeElement?.id === 'box-dataset:events'")
      await page.keyboard.press('ArrowRight')
      await page.waitForURL(/node=dataset%3A(?!events(&|$))/)
      await page.keyboard.press('Enter')
      await page.waitForURL(/\/t\/demo\/analyses\//)
      await context.close()
    })

    test('a folded group is one box, and the list shows the same', async () => {
      const { page, check, context } = await portal.visit('/t/demo/lineage?by=kind')
      await page.getByRole('button', { name: /^Analyses/ }).click()
      await page.getByRole('button', { name: /^analysis\s*: \d+ inside/ }).waitFor()
      await page.getByRole('button', { name: 'List' }).click()
      await page.getByRole('table').getByText('users_by_day').waitFor()
      await check()
      await context.close()
    })

    test('an analysis shows its code in colours, what it reads and feeds, and what its code came to', async () => {
      const { page, check, context } = await portal.visit('/t/demo/analyses')
      await page.getByRole('table').getByText('top_users').click()
      await page.waitForURL(/analyses\/top_users/)
      await page.locator('pre code').getByText('limit', { exact: true }).waitFor()
      await page.getByRole('link', { name: /users_by_day/ }).waitFor()
      await page.getByRole('link', { name: /top_users_by_month/ }).waitFor()
      await check()
      await page.getByRole('tab', { name: 'Changes and their effect' }).click()
      await page.getByText(/for the first time/).waitFor()
      await page.getByRole('row').nth(1).click()
      await page.getByRole('heading', { name: 'How the figures moved' }).waitFor()
      await check()
      await context.close()
    })

    test('operators see every tenant and every part, in both themes and on a phone', async () => {
      for (const view of [{ theme: 'dark' as const }, { width: 390, height: 844 }]) {
        const { page, check, context } = await portal.visit('/operate/tenants', view)
        await page.getByRole('heading', { name: 'demo' }).waitFor()
        await check()
        await page.goto(`${portal.url}/operate/health`)
        await page.getByRole('heading', { name: 'Catalog' }).waitFor()
        await page.getByRole('link', { name: /^demo: well/ }).waitFor()
        await check()
        const wide: unknown = await page.evaluate(
          'document.documentElement.scrollWidth > document.documentElement.clientWidth',
        )
        assert.equal(wide, false)
        await context.close()
      }
    })

    test('a tenant is made step by step, goes on after a reload, and ends with its first chart', async () => {
      const { options } = await portal.client('demo').sources.options({ dataset: 'events' })
      const { page, check, context } = await portal.visit('/operate/tenants/new')
      const next = () => page.getByRole('button', { name: 'Next', exact: true }).click()
      await next()
      await page.getByRole('alert').first().waitFor()
      await page.getByLabel('What people call it').fill('Acmé & Co <img src=x onerror=alert(1)>')
      await page.getByLabel('Name in addresses').fill('acme')
      await check()
      await next()
      await page.getByText('With those of others').waitFor()
      await page.reload()
      await page.getByText('With those of others').waitFor()
      await next()
      await page.getByText('Everything that is deployed').waitFor()
      await check()
      await next()
      const source = page.locator('section', {
        has: page.getByRole('heading', { name: 'events', exact: true }),
      })
      await source.getByLabel('Location').fill(String(options['location']))
      await next()
      await page.getByLabel('Weight').fill('200')
      await next()
      await page.getByLabel('Colour of its pages and mails').fill('#1a7f5a')
      await check()
      await next()
      await page.getByRole('button', { name: 'Make the tenant' }).click()
      await page.waitForURL(/tenant=acme/)
      await page.getByText('Its first key, shown now and never again').waitFor()
      await page.getByRole('button', { name: 'Read and compute' }).click()
      await page.getByText('All of it was computed.').waitFor({ timeout: 120_000 })
      await page.getByText('It adds up.').first().waitFor()
      await page.locator('canvas').first().waitFor()
      await check()
      const { weight, colour } = await portal.client('acme').tenants.show({ slug: 'acme' })
      assert.deepEqual([Number(weight), colour], [200, '#1a7f5a'])
      await context.close()
    })

    test('an operator looks as a viewer does: marked, without what viewers may not, and back', async () => {
      const { page, check, context } = await portal.visit('/operate/tenants')
      await page.getByRole('button', { name: 'More for demo' }).click()
      await page.getByRole('menuitem', { name: 'Look at it as…' }).click()
      await page.getByRole('button', { name: 'Look', exact: true }).click()
      await page.waitForURL(/\/t\/demo\/home/)
      await page.getByText('You look at demo as viewer. Nothing can be changed.').waitFor()
      await page.getByRole('link', { name: 'Lineage' }).waitFor()
      assert.equal(await page.getByRole('link', { name: 'Keys and access' }).count(), 0)
      await check()
      await page.getByRole('button', { name: 'Look as yourself again' }).click()
      await page.getByRole('link', { name: 'Keys and access' }).waitFor()
      assert.equal(await page.getByText('Nothing can be changed.').count(), 0)
      await context.close()
    })

    test('a tenant is suspended with a reason, and goes on', async () => {
      const { page, context } = await portal.visit('/operate/tenants')
      const choose = async (item: string) => {
        await page.getByRole('button', { name: 'More for default' }).click()
        await page.getByRole('menuitem', { name: item }).click()
      }
      await choose('Suspend…')
      await page.getByLabel('Why').fill('unpaid')
      await page.getByRole('button', { name: 'Suspend', exact: true }).click()
      await page.getByRole('article').getByText('suspended').waitFor()
      await choose('Let it go on')
      await page.getByRole('article').getByText('suspended').waitFor({ state: 'detached' })
      await context.close()
    })
  },
)
