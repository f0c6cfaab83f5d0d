import assert from 'node:assert/strict'
import { test } from 'node:test'

import { systemClock } from '#kernel/clock.ts'
import { isMailAddress, oneLine } from '#mail/mail-text.ts'
import { renderLetter } from '#mail/render-letter.ts'
import { openSmtp, parseSender } from '#mail/smtp.ts'
import { mailTemplates } from '#mail/templates.ts'
import { openMailServer } from '../../test/support/mail-server.ts'

const link = 'https://millrace.example.com/i?token=abc&x=1'
const until = '2026-12-01T10:00:00Z'
const invite = (tenant: string, inviter = 'Bob', role = 'analyst') =>
  renderLetter(mailTemplates.invitation.letter({ tenant, inviter, role, link, until }))

const hostile = [
  'Alpha\r\nBcc: evil@example.com',
  'Alpha\nSubject: other\n\nbody',
  'Alpha\u2028Bcc: evil@example.com',
  '"><img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  "' onmouseover='alert(1)",
  '&lt;b&gt;',
  '=?utf-8?B?QmNjOiBldmlsQGV4YW1wbGUuY29t?=',
  '\u202egnp.exe',
  'x'.repeat(5_000),
  'Ωμέγα 株式会社 😀',
  '\ud800 half',
  '',
]

test('no name can add a header, a line or markup, on its way through a real server', async (t) => {
  const server = await openMailServer(t)
  const smtp = openSmtp({ url: server.url, from: 'Mill "race" <post@example.com>' })
  for (const [n, name] of hostile.entries()) {
    const letter = invite(name, name, name)
    assert.equal(letter.text.split('\n').length, invite('T').text.split('\n').length)
    assert.doesNotMatch(letter.text + letter.html, /[\u2028\u202e\ud800]/)
    const to = { address: 'ada@example.com', name: oneLine(name, 100) }
    const mail = { ...letter, to, messageId: `m${n}@example.com`, date: systemClock.now() }
    await smtp.send(mail, new AbortController().signal)
  }
  assert.equal(server.received.length, hostile.length)
  for (const { to, raw, parsed } of server.received) {
    assert.deepEqual(to, ['ada@example.com'])
    assert.deepEqual([parsed.bcc, parsed.cc], [undefined, undefined])
    assert.equal(parsed.to?.length, 1)
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
    assert.equal(head.match(/^subject:/gim)?.length, 1)
    assert.doesNotMatch(head, /^bcc:/im)
    assert.match(parsed.subject ?? '', /^Invitation to “/)
    assert.ok((parsed.subject ?? '').length <= 150)
    const tags = parsed.html?.match(/<[^>]*>/g) ?? []
    assert.deepEqual(
      [...new Set(tags.map((tag) => /^<\/?([!a-z]+)/.exec(tag)?.[1] ?? ''))].toSorted(),
      ['!doctype', 'a', 'body', 'div', 'head', 'html', 'meta', 'p', 'title'],
    )
    for (const tag of tags) assert.doesNotMatch(tag, /\s(src|on\w+)=/)
    assert.equal(tags.filter((tag) => tag.startsWith('<a ')).length, 1)
    const submitted = parsed.headers.find(({ key }) => key === 'auto-submitted')
    assert.equal(submitted?.value, 'auto-generated')
  }
  const japanese = server.received[10]
  assert.equal(japanese?.parsed.subject, `Invitation to “${hostile[10]}”`)
  assert.ok(japanese?.parsed.text?.includes(hostile[10] ?? ''))
})

test('every kind of mail can be set as text and as a page without anything from elsewhere', () => {
  const data = {
    tenant: 'T',
    inviter: 'I',
    role: 'R',
    link,
    until,
    change: 'X.',
    at: until,
    by: 'op',
    title: 'D',
    fileName: 'd.csv',
    contentType: 'text/csv',
    rows: '10,001',
    size: '1.2 MB',
    asOf: until,
    receipt: 'rcp_1',
    missing: '1 of 3 parts',
    downloads: 'once',
    place: 'P',
    file: 'YQ==',
    image: JSON.stringify({ alt: 'A chart', base64: 'YQ==', width: 560, height: 300 }),
    figure: JSON.stringify({ value: '42', label: 'Answers' }),
    table: JSON.stringify({ columns: [{ name: 'n', isNumber: true }], rows: [['1']], note: '' }),
    chartProblem: 'none',
  }
  for (const [name, template] of Object.entries(mailTemplates)) {
    const rendered = renderLetter((template.letter as (d: unknown) => never)(data))
    const { subject, text, html, files } = rendered
    assert.ok(subject.length > 0 && subject.length <= 150, name)
    assert.doesNotMatch(text, /undefined|<|NaN/, name)
    assert.doesNotMatch(
      html.replaceAll('&amp;', '&').replaceAll(link, ''),
      /https?:|undefined/,
      name,
    )
    for (const field of template.secret) {
      if (['image', 'table', 'figure'].includes(field)) continue
      const shown = field === 'file' ? (files[0]?.base64 ?? '') : text
      assert.ok(shown.includes(data[field]), `${name} ${field}`)
    }
  }
})

test('a link that is none of the web is refused', () => {
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'nothing', '']) {
    const data = { link: bad, until }
    assert.throws(() => renderLetter(mailTemplates['password-reset'].letter(data)), /no address/)
  }
})

test('an address is one address', () => {
  for (const good of ['a@b.cd', "o'brien+x@mail.example.com", 'ü@müller.example', 'a@localhost']) {
    assert.ok(isMailAddress(good), good)
  }
  for (const bad of [
    '',
    'a',
    '@b.cd',
    'a@',
    'a@b.cd, c@d.ef',
    'a@b.cd\r\nBcc: x@y.z',
    'A <a@b.cd>',
    'a b@c.de',
    '"a b"@c.de',
    'a@b@c.de',
    'a@-b.cd',
    'a@b.cd.',
    `${'a'.repeat(65)}@b.cd`,
    `a@${'b'.repeat(260)}`,
    'a@[127.0.0.1]',
    'a@b.cd\0',
  ]) {
    assert.ok(!isMailAddress(bad), bad)
  }
})

test('the sender is a name with an address, or an address', () => {
  for (const [from, name, address] of [
    ['Millrace <post@example.com>', 'Millrace', 'post@example.com'],
    ['"Mill, race" <post@example.com>', 'Mill, race', 'post@example.com'],
    ['post@example.com', '', 'post@example.com'],
  ] as const) {
    assert.deepEqual(parseSender(from), { name, address })
  }
})
