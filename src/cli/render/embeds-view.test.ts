import assert from 'node:assert/strict'
import { test } from 'node:test'

import { renderEmbeds } from '#cli/render/embeds-view.ts'
import { plainLook } from '#cli/render/look.ts'
import { widthOf } from '#cli/render/text.ts'

const now = new Date('2026-11-20T06:00:00Z')
const embed = {
  id: 'emb_ccfrc78gwyvwyv1r4esbmay532',
  title: 'Busiest companies',
  endpoint: 'top_companies_by_month',
  version: null,
  parameters: { month: 'latest' },
  where: {},
  select: null,
  sort: null,
  viewerValues: ['company'],
  chart: { kind: 'bar', x: 'company', y: ['events'] },
  theme: 'auto' as const,
  origins: ['https://app.example.com'],
  state: 'open' as const,
  createdBy: 'user usr_1',
  createdAt: '2026-11-01T06:00:00.000Z',
  expiresAt: '2026-12-20T06:00:00.000Z',
  revokedAt: null,
  lastSeenAt: '2026-11-20T05:00:00.000Z',
}

test('embedded views are a line each, and fit a terminal', () => {
  const hostile = {
    ...embed,
    title: `\u001b[2J${'wide '.repeat(40)}`,
    origins: Array.from({ length: 20 }, (_, at) => `https://shop-${at}.example.com`),
    state: 'revoked' as const,
    lastSeenAt: null,
  }
  const look = { ...plainLook, width: 100 }
  const lines = renderEmbeds(look, { embeds: [embed, hostile], next: hostile.id }, now)
  assert.equal(lines.length, 5)
  for (const line of lines) assert.ok(widthOf(line) <= 100, line)
  const wide = renderEmbeds({ ...look, width: 200 }, { embeds: [embed], next: null }, now).join(
    '\n',
  )
  for (const part of [embed.id, embed.title, 'open', 'month=latest company=…', embed.origins[0]]) {
    assert.ok(wide.includes(part ?? ''), `${part} in ${wide}`)
  }
  assert.match(lines.join('\n'), /revoked.*never/)
})

test('without views the way to one is said', () => {
  assert.match(renderEmbeds(plainLook, { embeds: [], next: null }, now).join(), /embeds create/)
})
