import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'

import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import pg from 'pg'

import { systemClock } from '#kernel/clock.ts'
import { afterwards } from '../support/afterwards.ts'
import { openMailServer, type MailServer, type ReceivedMail } from '../support/mail-server.ts'
import { ownDatabase } from '../support/own-database.ts'
import {
  OPERATOR,
  openPortal,
  skipWithoutChromium,
  type Portal,
  type Session,
  type Visit,
} from '../support/portal.ts'
import { testKeys, useS3Server } from '../support/s3-server.ts'

const s3 = useS3Server()
const skip = skipWithoutChromium
const SLOW = { timeout: 60_000 }

describe('rows leave by targets, reports and deliveries', { skip, timeout: 500_000 }, () => {
  const closers: (() => Promise<void>)[] = []
  let portal: Portal
  let ada: Session
  let mails: MailServer

  before(async () => {
    mails = await openMailServer({ after: (close) => void closers.push(close) })
    portal = await openPortal({
      settings: { MILLRACE_EGRESS_ALLOW: '127.0.0.1', MILLRACE_SMTP_URL: mails.url },
    })
    const invited = await portal
      .client('demo')
      .invitations.create({ email: 'ada@example.com', role: 'owner' })
    ada = await portal.join(
      invited.link ?? (await linkIn('ada@example.com')),
      'Ada',
      OPERATOR.password,
    )
  })
  after(async () => {
    await portal?.close()
    for (const close of closers) await close()
  })

  const visit = (path: string, more = {}) => portal.visit(`/t/demo/${path}`, { as: ada, ...more })

  async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
    for (const untilMs = systemClock.monotonicMs() + 60_000; ;) {
      const found = await look()
      if (found !== undefined) return found
      assert.ok(systemClock.monotonicMs() < untilMs, 'it takes more than a minute')
      await systemClock.sleep(100)
    }
  }

  const letter = (to: string, subject: RegExp) =>
    until(() =>
      mails.received.find(
        (one: ReceivedMail) => one.to.includes(to) && subject.test(one.parsed.subject ?? ''),
      ),
    )

  async function linkIn(to: string): Promise<string> {
    const { parsed } = await letter(to, /./)
    return /https?:\S+#token=[\w-]+/.exec(parsed.text ?? '')?.[0] ?? ''
  }

  async function fits({ page, check, context }: Visit): Promise<void> {
    await check()
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    assert.ok(wide <= 0, `${wide} pixels too wide`)
    await context.close()
  }

  /** A target by its form, tried. */
  async function makeTarget(name: string, kind: string, fields: Readonly<Record<string, string>>) {
    const { page, check, context } = await visit('keys?tab=targets')
    await page.getByRole('button', { name: 'New target' }).click()
    const form = page.getByRole('dialog', { name: 'Where deliveries may go' })
    await form.getByLabel('Name').fill(name)
    await form.getByLabel('Kind').selectOption(kind)
    for (const [label, value] of Object.entries(fields)) {
      await form.getByLabel(label, { exact: true }).fill(value)
    }
    if (kind === 's3') await form.getByLabel('The bucket is part of the path').check()
    await check()
    await form.getByRole('button', { name: 'Save the target' }).click()
    await page.getByText(`${name} is saved.`).waitFor()
    await page.getByRole('button', { name: `Try it: ${name}` }).click()
    await page.getByText(/^It works: /).waitFor()
    await check()
    return { page, context }
  }

  test('a report with a chart, a condition and a target is made, fails with its cause, and is tried again', async (t) => {
    const url = await ownDatabase(t)
    if (url === null) return t.skip('PostgreSQL is not installed')
    const made = await makeTarget('warehouse', 'postgres', { 'Address of the database': url })
    await made.page.getByText('It works: made a table in PostgreSQL').waitFor()
    await made.context.close()
    const database = new pg.Client({ connectionString: url })
    await database.connect()
    afterwards(t, () => database.end())
    await database.query('CREATE VIEW companies AS SELECT 1 AS rank')

    const { page, check, context } = await visit('reports')
    await page.getByRole('button', { name: 'New report' }).first().click()
    const form = page.getByRole('dialog', { name: 'New report' })
    await form.getByLabel('Name').fill('busiest')
    await form.getByText('Choose what is asked.').waitFor()
    await form.getByLabel('Endpoint', { exact: true }).selectOption('top_companies_by_month')
    await form.getByLabel('top integer').fill('5')
    await form.getByRole('button', { name: 'Add filter' }).click()
    const filter = page.getByRole('dialog', { name: 'Add filter' })
    await filter.getByLabel('Column').selectOption('events')
    await filter.getByLabel('Condition').selectOption('ge')
    await filter.getByLabel('Value').fill('2')
    await page.keyboard.press('Enter')
    await form.getByText('events is at least 2').waitFor()
    await form.getByLabel('Order').selectOption('-events')
    await form.getByRole('button', { name: 'When data arrive' }).click()
    await form.getByLabel('Goes to').selectOption('warehouse')
    await form.getByLabel('Table').fill('companies')
    await form.getByLabel('Draw a chart into the mail').check()
    await form.getByRole('button', { name: /^Bars: / }).click()
    await form.getByLabel('Title of the chart').fill('The busiest')
    await form.getByRole('img', { name: 'Bars of events by company' }).locator('canvas').waitFor()
    await check()
    await form.getByRole('button', { name: 'Make it' }).click()
    await page.getByText('busiest is made').waitFor()

    const client = portal.client('demo', ada)
    const report = await client.reports.show('busiest')
    assert.deepEqual(report.asked, {
      endpoint: 'top_companies_by_month',
      parameters: { top: '5' },
      where: { events: 'ge.2' },
      sort: ['-events'],
    })
    assert.equal(report.targetName, 'warehouse')
    assert.equal(report.targetOptions['table'], 'companies')
    assert.deepEqual(report.chart, {
      kind: 'bar',
      x: 'company',
      y: ['events'],
      title: 'The busiest',
    })
    assert.deepEqual(report.mail, ['ada@example.com'])

    await page.getByRole('button', { name: 'busiest', exact: true }).click()
    const drawer = page.getByRole('dialog', { name: 'busiest' })
    await drawer.getByRole('img', { name: 'Bars of events by company' }).waitFor()
    await drawer.getByRole('tab', { name: 'Rules' }).click()
    await drawer.getByText('events is at least 2').waitFor()
    await check()
    await drawer.getByRole('button', { name: 'Send now' }).click()
    await drawer.getByRole('tab', { name: 'History' }).click()
    await drawer.getByRole('link', { name: 'Delivery' }).first().click(SLOW)

    const delivery = page.getByRole('dialog', { name: /^busiest\./ })
    await delivery.getByText('failed', { exact: true }).first().waitFor(SLOW)
    const { deliveries } = await client.deliveries.list({ limit: 1, state: 'failed' })
    const why = deliveries[0]?.error?.message ?? ''
    assert.match(why, /"companies"/)
    await delivery.getByText(why).waitFor()
    await check()
    await database.query('DROP VIEW companies')
    await delivery.getByRole('button', { name: 'Try again' }).click()
    await delivery.getByText('ready', { exact: true }).waitFor(SLOW)
    await delivery.getByText('public.companies').waitFor()
    await check()
    const { rows } = await database.query<{ events: string }>('SELECT events FROM companies')
    assert.equal(rows.length, 5)
    const { parsed } = await letter('ada@example.com', /busiest/)
    assert.ok(parsed.attachments.some(({ mimeType }) => mimeType === 'image/png'))
    await context.close()
  })

  test('a report is changed by the same form, and loses nothing of what it was told', async (t) => {
    const client = portal.client('demo', ada)
    const former = await client.reports.show('busiest').catch(() => null)
    if (former === null) return t.skip('the report goes to PostgreSQL')
    const { page, check, context } = await visit('reports?edit=busiest')
    const form = page.getByRole('dialog', { name: 'Edit busiest' })
    await form.getByText('events is at least 2').waitFor()
    assert.equal(await form.getByLabel('Table').inputValue(), 'companies')
    assert.equal(await form.getByLabel('Title of the chart').inputValue(), 'The busiest')
    await form.getByRole('button', { name: 'Replace rows of the same key' }).click()
    await form.getByText('Choose the columns that tell rows apart.').waitFor()
    assert.ok(await form.getByRole('button', { name: 'Save' }).isDisabled())
    await form.getByRole('group', { name: 'Columns of the key' }).getByLabel('company').check()
    await form.getByLabel('Only when its rows have changed').uncheck()
    await check()
    await form.getByRole('button', { name: 'Save' }).click()
    await page.getByText('busiest is saved').waitFor()
    const {
      targetOptions,
      onlyChanged,
      changedAt: _changed,
      ...rest
    } = await client.reports.show('busiest')
    assert.deepEqual(targetOptions, {
      table: 'companies',
      mode: 'upsert',
      key: ['company'],
      removeOthers: false,
    })
    assert.equal(onlyChanged, false)
    for (const name of ['asked', 'chart', 'mail', 'targetName', 'cron', 'complete'] as const) {
      assert.deepEqual(rest[name], former[name], name)
    }
    await context.close()
  })

  test('a delivery is made by a form that counts before, and its link is mailed and ends', async () => {
    const client = portal.client('demo', ada)
    const all = (await client.rows.estimate({ dataset: 'users_by_day' })).rows
    const counted = all.toLocaleString('en')
    const { page, check, context } = await visit('deliveries')
    await page.getByRole('button', { name: 'New delivery' }).first().click()
    const form = page.getByRole('dialog', { name: 'New delivery' })
    assert.ok(await form.getByRole('button', { name: 'Deliver' }).isDisabled())
    await form.getByRole('button', { name: 'A dataset' }).click()
    await form.getByLabel('Dataset').selectOption('users_by_day')
    await form.getByText(counted, { exact: true }).waitFor(SLOW)
    await form.getByRole('button', { name: 'Add filter' }).click()
    const filter = page.getByRole('dialog', { name: 'Add filter' })
    await filter.getByLabel('Column').selectOption('events')
    await filter.getByLabel('Condition').selectOption('ge')
    await filter.getByLabel('Value').fill('2')
    await page.keyboard.press('Enter')
    await form.getByText(counted, { exact: true }).waitFor({ state: 'detached', ...SLOW })
    await form.getByLabel('Name').fill('busy days')
    await form.getByText('is made of letters, digits, ., _ and - only').waitFor()
    await form.getByLabel('Name').fill('busy-days')
    await form.getByLabel('How long the link works').selectOption('1d')
    await form.getByLabel('How often').selectOption('1')
    await form.getByRole('button', { name: 'ada@example.com' }).click()
    await check()
    await form.getByRole('button', { name: 'Deliver' }).click()
    const way = page.getByRole('dialog', { name: 'busy-days.csv is on its way' })
    await way.getByText(/^The link works until/).waitFor(SLOW)
    await check()

    const { parsed } = await letter('ada@example.com', /busy-days/)
    const link = /https?:\S+\/download\?token=\S+/.exec(parsed.text ?? '')?.[0]
    assert.ok(link, parsed.text)
    const first = await fetch(link)
    assert.equal(first.status, 200)
    const lines = (await first.text()).trim().split('\n')
    assert.ok(lines.length > 1 && lines.length <= all, `${lines.length} lines`)
    const [shown] = (await client.deliveries.list({ limit: 1 })).deliveries
    assert.equal(shown?.rows, lines.length - 1)
    const left = Date.parse(shown.expiresAt ?? '') - Date.now()
    assert.ok(left > 23 * 3_600_000 && left <= 24 * 3_600_000, `${left} ms`)
    assert.equal((await fetch(link)).status, 404)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      way.getByRole('button', { name: 'Download the file' }).click(),
    ])
    assert.equal(
      (await readFile(await download.path(), 'utf8')).trim().split('\n').length,
      lines.length,
    )
    await way.getByRole('link', { name: 'All deliveries' }).click()
    await page.getByRole('button', { name: 'busy-days.csv' }).waitFor()
    await context.close()
  })

  s3.test(
    'a delivery goes into a bucket by its form, as Parquet under a path of its own',
    async () => {
      const bucket = await s3.bucket('portal-deliveries')
      const made = await makeTarget('archive', 's3', {
        'Where files go': `s3://${bucket}/from-millrace/`,
        Region: 'us-east-1',
        'Address of the server': s3.endpoint,
        'Access key': testKeys.accessKeyId,
        'Secret of the access key': testKeys.secretAccessKey,
      })
      await made.context.close()
      const { page, check, context } = await visit('deliveries?new=yes')
      const form = page.getByRole('dialog', { name: 'New delivery' })
      await form.getByLabel('Endpoint', { exact: true }).selectOption('top_users_by_month')
      await form.getByLabel('Goes to').selectOption('archive')
      await form.getByLabel('Path in the bucket').fill('{title}.{format}')
      await form.getByLabel('Format').selectOption('parquet')
      await check()
      await form.getByRole('button', { name: 'Deliver' }).click()
      await page.getByText(`It is there: s3://${bucket}/from-millrace/`).waitFor(SLOW)
      const { Contents: objects = [] } = await s3.client.send(
        new ListObjectsV2Command({ Bucket: bucket }),
      )
      assert.deepEqual(
        objects.map(({ Key }) => Key),
        ['from-millrace/top_users_by_month.parquet'],
      )
      const object = await s3.client.send(
        new GetObjectCommand({ Bucket: bucket, Key: objects[0]?.Key ?? '' }),
      )
      const bytes = Buffer.from((await object.Body?.transformToByteArray()) ?? [])
      assert.equal(bytes.subarray(0, 4).toString(), 'PAR1')
      await context.close()

      // Gone again, after a question.
      const gone = await visit('keys?tab=targets')
      await gone.page.getByRole('button', { name: 'Remove: archive' }).click()
      await gone.page
        .getByRole('dialog', { name: 'Remove archive?' })
        .getByRole('button', { name: 'Remove' })
        .click()
      await gone.page.getByText('archive is gone.').waitFor()
      await gone.context.close()
    },
  )

  for (const theme of ['light', 'dark'] as const) {
    test(`the forms fit a phone, in the ${theme} theme`, async () => {
      const client = portal.client('demo', ada)
      await client.reports
        .create({
          report: `phone-${theme}`,
          dataset: 'top_companies',
          cron: '0 7 * * 1',
          where: { events: 'ge.2' },
          chart: { kind: 'bar', x: 'company', y: ['events'] },
        })
        .catch(() => {})
      const screens = {
        'deliveries?new=yes': 'Choose what is asked.',
        [`reports?edit=phone-${theme}`]: 'As the mail draws it',
        [`reports?report=phone-${theme}`]: 'It would be sent now',
        'keys?tab=targets': 'New target',
      }
      for (const [path, text] of Object.entries(screens)) {
        const seen = await visit(path, { width: 390, height: 844, theme })
        await seen.page.getByText(text).first().waitFor(SLOW)
        await fits(seen)
      }
    })
  }
})
