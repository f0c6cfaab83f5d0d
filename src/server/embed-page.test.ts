import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { openAnswerWorld, type AnswerWorld } from '../../test/support/answer-world.ts'

let world: AnswerWorld
let admin: string

before(async () => {
  world = await openAnswerWorld()
  admin = await world.key(undefined, ['read', 'admin'])
})
after(() => world.close())

async function make(origins: readonly string[]): Promise<string> {
  const reply = await world.server.app.inject({
    method: 'POST',
    url: '/v1/embeds',
    headers: { authorization: `Bearer ${admin}` },
    payload: { title: 'Most', endpoint: 'top', origins },
  })
  assert.equal(reply.statusCode, 200, reply.body)
  return reply.json<{ embed: { id: string } }>().embed.id
}

async function ancestorsOf(id: string): Promise<string | undefined> {
  const { headers } = await world.server.app.inject({ url: `/embed/${id}` })
  const policy = String(headers['content-security-policy'])
  return /frame-ancestors ([^;]*)/.exec(policy)?.[1]
}

test('the page of a view may be framed by exactly the origins that the view names', async () => {
  const id = await make([
    'https://app.example.com',
    'http://localhost:5173',
    'HTTPS://B.example.com/',
  ])
  assert.equal(
    await ancestorsOf(id),
    'https://app.example.com http://localhost:5173 https://b.example.com',
  )
  assert.equal(await ancestorsOf('emb_zzzzzzzzzzzzzzzz'), "'none'")
  assert.equal(await ancestorsOf('nothing'), "'none'")
})

test('the page knows no viewer, holds no data, and hands no address on', async () => {
  const id = await make(['https://app.example.com'])
  const { headers, body } = await world.server.app.inject({
    url: `/embed/${id}`,
    headers: {
      cookie: '__Host-millrace-session=x; millrace-session=x',
      referer: 'https://a.example/',
    },
  })
  assert.equal(headers['set-cookie'], undefined)
  assert.equal(headers['referrer-policy'], 'no-referrer')
  assert.ok(!body.includes(id) && !body.includes('Most'))
  assert.match(String(headers['content-security-policy']), /^default-src 'none'/)
  assert.ok(!String(headers['content-security-policy']).includes('unsafe'))
})

test('the element may be loaded by pages of others, and is a script', async () => {
  const { headers, body } = await world.server.app.inject({ url: '/embed.js' })
  assert.equal(headers['cross-origin-resource-policy'], 'cross-origin')
  assert.equal(headers['content-type'], 'text/javascript; charset=utf-8')
  assert.ok(body.length < 4000, 'it stays tiny')
})
