import assert from 'node:assert/strict'
import { test } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { sha256 } from '#kernel/hash.ts'
import { entryLines } from '../../../test/support/answer-world.ts'
import { openDeliveryWorld, type ShownDelivery } from '../../../test/support/delivery-world.ts'
import { openMailServer } from '../../../test/support/mail-server.ts'
import { openReceiver } from '../../../test/support/receiver.ts'

test('whoever asked is told by mail and by a signed call, and sees how the mails fared', async (t) => {
  const mail = await openMailServer(t, (to) =>
    to.startsWith('nobody@') ? { code: 550, text: 'no such mailbox' } : null,
  )
  const receiver = await openReceiver(t, () => ({}))
  const world = await openDeliveryWorld({ env: { MILLRACE_SMTP_URL: mail.url } })
  t.after(() => world.close())
  world.server.open.startWorking(['notifier'])
  await world.publish('2021-03', entryLines('2021-03', 500))
  const { id } = await world.create({
    dataset: 'entries',
    partition: '2021-03',
    mail: ['ada@example.com', 'nobody@example.com'],
    attach: true,
    callbackUrl: receiver.url,
  })
  const ready = await world.until(id, 'ready')
  const shown = await settled(id)
  assert.deepEqual(shown.mails?.map(({ to, state }) => [to, state]).toSorted(), [
    ['ada@example.com', 'sent'],
    ['nobody@example.com', 'bounced'],
  ])
  const [letter] = mail.received
  assert.ok(letter)
  assert.match(letter.parsed.subject ?? '', /^entries: 500 rows are ready$/)
  assert.match(letter.parsed.text ?? '', /500 rows, 2\d\.\d kB, as of /)
  assert.ok(letter.parsed.text?.includes(ready.receipt))
  const [file] = letter.parsed.attachments
  assert.equal(file?.filename, 'entries.csv')
  assert.equal(sha256(Buffer.from(file?.content as ArrayBuffer)), ready.sha256)
  const link = /http:\S+token=\S+/.exec(letter.parsed.text ?? '')?.[0]
  assert.equal(link, ready.link)
  assert.equal(sha256((await world.follow(link ?? null)).bytes), ready.sha256)

  while (receiver.received.length === 0) await systemClock.sleep(50)
  const [call] = receiver.received
  assert.ok(call)
  const told = JSON.parse(call.body) as { state: string; result: { delivery: string } }
  assert.equal(told.state, 'done')
  assert.equal(told.result.delivery, id)
  assert.ok(call.headers['webhook-signature'])

  async function settled(delivery: string): Promise<ShownDelivery> {
    for (;;) {
      const now = await world.show(delivery)
      const open = now.mails?.filter(({ state }) => state === 'queued' || state === 'sending')
      if (open?.length === 0) return now
      await systemClock.sleep(50)
    }
  }
})
