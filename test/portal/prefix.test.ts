import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { freePort, openPrefixProxy, skipWithoutNginx } from '../support/prefix-proxy.ts'
import { OPERATOR, openPortal, skipWithoutChromium } from '../support/portal.ts'

const skip = skipWithoutChromium || skipWithoutNginx

describe('behind a proxy that takes a path off', { skip, timeout: 120_000 }, () => {
  test('the portal loads, signs in, links and lives under that path', async (t) => {
    const port = await freePort()
    const publicUrl = `http://127.0.0.1:${port}/tools/millrace`
    const portal = await openPortal({ publicUrl })
    t.after(() => portal.close())
    const proxy = await openPrefixProxy(port, '/tools/millrace', portal.url)
    t.after(() => proxy.close())

    const { page, context, faults } = await portal.visit('/livez', { as: null })
    await page.goto(`${publicUrl}/t/demo/runs?state=done`)
    await page.waitForURL(/\/tools\/millrace\/sign-in\?next=/)
    await page.locator('input[type=email]').fill(OPERATOR.email)
    await page.locator('input[type=password]').fill(OPERATOR.password)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/tools\/millrace\/t\/demo\/runs\?state=done/)
    await page.getByRole('cell').first().waitFor()
    await page.getByRole('link', { name: 'Schedules' }).click()
    await page.waitForURL(/\/tools\/millrace\/t\/demo\/schedules/)
    await page.reload()
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    const outside = faults.filter(
      (fault) => !fault.startsWith(`outside: ${publicUrl}/`) && !fault.includes('livez'),
    )
    assert.deepEqual(outside, [])
    await context.close()
  })
})
