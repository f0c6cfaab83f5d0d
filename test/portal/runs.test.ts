import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Page } from 'playwright-core'

import { openPortal, skipWithoutChromium, type Portal } from '../support/portal.ts'
import { manyAttempts } from '../support/many-attempts.ts'

const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 })

describe('runs, tasks and schedules', { skip: skipWithoutChromium, timeout: 400_000 }, () => {
  let portal: Portal
  let run: string
  before(async () => {
    portal = await openPortal()
    const { runs } = await portal.client('demo').runs.list({ limit: 1 })
    run = runs[0]?.id ?? ''
  })
  after(() => portal?.close())

  test('a span that is brushed over the gantt filters the log, and stays in the address', async () => {
    const visit = await portal.visit(`/t/demo/runs/${run}`)
    const { page } = visit
    const gantt = page.getByRole('application')
    const log = page.getByRole('log')
    await gantt.waitFor()
    await log.getByRole('listitem').first().waitFor()
    await visit.check()
    const all = await log.getByRole('listitem').count()
    const box = await gantt.boundingBox()
    assert.ok(box)
    await page.mouse.move(box.x + box.width * 0.9, box.y + box.height - 4)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.97, box.y + box.height - 8, { steps: 4 })
    await page.mouse.up()
    await page.waitForURL(/span=\d+-\d+/)
    await assertEventually(async () => (await log.getByRole('listitem').count()) < all)
    await page.getByRole('button', { name: 'Zoom into the span' }).click()
    await page.getByRole('button', { name: 'Span off' }).click()
    await page.waitForURL((url) => !url.searchParams.has('span'))
    await visit.context.close()
  })

  test('the keyboard goes from bar to bar and opens the task behind one', async () => {
    const visit = await portal.visit(`/t/demo/runs/${run}?by=dataset&path=on`, { theme: 'dark' })
    const { page } = visit
    const gantt = page.getByRole('application')
    await gantt.focus()
    await page.keyboard.press('ArrowRight')
    await page.getByText(/^events 2021-\d\d, done, /).waitFor({ state: 'attached' })
    await page.keyboard.press('ArrowDown')
    await page.waitForURL(/task=\d+/)
    await visit.check()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/tasks\/\d+$/)
    await page.getByRole('heading', { name: 'Attempts' }).waitFor()
    await page.getByText(/It ended done/).waitFor()
    await visit.check()
    await visit.context.close()
  })

  test('twenty thousand attempts are drawn, and drawn again while they are zoomed', async (t) => {
    const visit = await portal.visit('/t/demo/runs', { width: 1440 })
    const { page } = visit
    await heading(page, 'Runs').waitFor()
    await page.route('**/timeline?*', (route) => route.fulfill({ json: manyAttempts(run, 20_000) }))
    const devtools = await visit.context.newCDPSession(page)
    await devtools.send('Performance.enable')
    const scriptMs = async () => {
      const { metrics } = await devtools.send('Performance.getMetrics')
      return (metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? 0) * 1_000
    }
    const before = await scriptMs()
    await page.getByText('sample data of the tenant demo').first().click()
    const gantt = page.getByRole('application', { name: /^20000 attempts/ })
    await gantt.waitFor()
    const shownMs = (await scriptMs()) - before
    const turnMs = await gantt.evaluate(async (element) => {
      const canvas = element.querySelector('canvas')
      const spent: number[] = []
      for (let turn = 0; turn < 20; turn += 1) {
        const start = performance.now()
        const more = {
          ctrlKey: true,
          deltaY: turn < 12 ? -100 : 100,
          bubbles: true,
          cancelable: true,
        }
        canvas?.dispatchEvent(new WheelEvent('wheel', more))
        await new Promise((resolve) => setTimeout(resolve, 0))
        spent.push(performance.now() - start)
      }
      return spent.toSorted((a, b) => a - b)[15] ?? 0
    })
    t.diagnostic(
      `shown with ${shownMs.toFixed(0)} ms of script, a turn of the wheel ${turnMs.toFixed(0)} ms`,
    )
    assert.ok(shownMs < 3_000, `shown with ${shownMs} ms of script`)
    assert.ok(turnMs < 150, `three of four turns of the wheel within ${turnMs} ms`)
    await visit.check()
    await visit.context.close()
  })

  test('an undo tells what it puts back, and does it', async () => {
    const client = portal.client('demo')
    const started = await client.runs.start({ datasets: ['top_users'], mode: 'rerun' })
    const id = started.run?.id ?? ''
    for (;;) {
      const { run: now } = await client.runs.get({ run: id })
      if (now.state !== 'running') break
    }
    const visit = await portal.visit(`/t/demo/runs/${id}?tab=compare`, { width: 390, height: 844 })
    const { page } = visit
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText(/partitions go back, 0 stay/).waitFor()
    await visit.check()
    await page.getByRole('button', { name: 'Undo the run' }).click()
    await page.getByText('undone', { exact: true }).waitFor()
    assert.notEqual((await client.runs.get({ run: id })).run.undoneAt, null)
    await visit.context.close()
  })

  test('dead letters are told by name and reason, and tried again all at once', async () => {
    const client = portal.client('demo')
    const hostile = '<img src=x onerror=alert(1)> \u202eمرحبا'
    await client.tasks.post({
      tasks: Array.from({ length: 3 }, () => ({ name: 'mail.send', retry: { attempts: 1 } })),
    })
    const { tasks } = await client.tasks.lease({ names: ['mail.send'], max: 3 })
    for (const { id, fence } of tasks) {
      await client.tasks.fail({ task: id, fence, error: hostile, retryable: false })
    }
    const visit = await portal.visit('/t/demo/tasks?tab=dead')
    const { page } = visit
    await page.getByText(/onerror=alert/).waitFor()
    await visit.check()
    await page.getByRole('button', { name: 'Try all again' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Try all again' }).click()
    await page.getByText('No dead letters').waitFor()
    await page.getByRole('tab', { name: 'Queue' }).click()
    await page.getByText(/leases "mail\.send"/).waitFor()
    await visit.check()
    await page.getByText('mail.send').last().click()
    await page.getByRole('heading', { name: 'Payload' }).waitFor()
    await visit.check()
    await visit.context.close()
  })

  test('a schedule is built in words, shows its next five times, is paused and deleted', async () => {
    const visit = await portal.visit('/t/demo/schedules')
    const { page } = visit
    await page.getByRole('button', { name: 'New' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name', { exact: true }).fill('weekly-users')
    await dialog.getByLabel('How often').selectOption('weekly')
    await dialog.getByRole('button', { name: 'Fri' }).click()
    await dialog.getByLabel('At', { exact: true }).fill('06:30')
    await dialog.getByLabel('Time zone').fill('Europe/Berlin')
    await dialog.getByText('On Monday and Friday at 06:30').waitFor()
    await dialog
      .getByText(/^(Mon|Fri) \d{4}-\d\d-\d\d 06:30$/)
      .nth(4)
      .waitFor()
    await visit.check()
    await dialog.getByLabel('Datasets').fill('top_users')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await page
      .getByRole('button', { name: /weekly-users/ })
      .first()
      .click()
    await page.getByText('run top_users').waitFor()
    await visit.check()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByRole('button', { name: 'Go on' }).waitFor()
    const { schedules } = await portal.client('demo').schedules.list()
    assert.deepEqual(
      schedules.map(({ name, cron, zone, pausedAt }) => [name, cron, zone, pausedAt !== null]),
      [['weekly-users', '30 6 * * 1,5', 'Europe/Berlin', true]],
    )
    await page.getByRole('button', { name: 'Delete' }).click()
    await page
      .getByRole('dialog', { name: /^Delete/ })
      .getByRole('button', { name: 'Delete' })
      .click()
    await page.getByText('Nothing starts by itself yet').waitFor()
    await visit.context.close()
  })
})

async function assertEventually(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail('it did not come true within five seconds')
}
