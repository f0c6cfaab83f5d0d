import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'

import { redactSubject } from '#catalog/subject-rules.ts'
import { systemClock } from '#kernel/clock.ts'
import { openAnswerWorld, type AnswerWorld } from '../../../test/support/answer-world.ts'

let world: AnswerWorld
let admin: string
let foreign: string

before(async () => {
  world = await openAnswerWorld()
  admin = await world.key(undefined, ['read', 'export', 'admin'])
  foreign = await world.key(undefined, ['read', 'admin'], world.server.tenants.beta)
  await world.publish('2021-04', [
    '1,ada,10.50,0.5,true,2021-04-01T10:00:00',
    '2,bo,5.25,0.5,true,2021-04-02T10:00:00',
    '3,ada,1.00,0.5,true,2021-04-03T10:00:00',
  ])
})
after(() => world.close())

interface Made {
  readonly embed: {
    readonly id: string
    readonly state: string
    readonly lastSeenAt: string | null
  }
  readonly url: string | null
  readonly secret: string
}
interface View {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly columns: readonly { readonly name: string }[]
  readonly code: string
  readonly detail: string
}

async function call(
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
  as: string | null = admin,
) {
  const reply = await world.server.app.inject({
    method,
    url,
    headers: as === null ? {} : { authorization: `Bearer ${as}` },
    ...(payload && { payload }),
  })
  return {
    status: reply.statusCode,
    text: reply.body,
    headers: reply.headers,
    json: <T>() => reply.json<T>(),
  }
}

const asked = { title: 'Most', endpoint: 'top', origins: ['https://app.example.com'] }

async function make(more: object = {}): Promise<Made> {
  const reply = await call('POST', '/v1/embeds', { ...asked, ...more })
  assert.equal(reply.status, 200, reply.text)
  return reply.json<Made>()
}

async function view(id: string, token: string, more: object = {}) {
  const reply = await call('POST', `/v1/embeds/${id}/view`, { token, ...more }, null)
  return { status: reply.status, text: reply.text, ...reply.json<View>() }
}

const tokenOf = ({ url }: Made) => url?.split('#')[1] ?? ''

/** As the guide says it, with nothing of ours. */
function sign(
  secret: string,
  payload: object,
  header: object = { alg: 'HS256', typ: 'JWT' },
): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part(header)}.${part(payload)}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

const inMinutes = (minutes: number) => Math.floor(systemClock.now().getTime() / 1000) + minutes * 60

/** What no answer can have in common. */
const plain = (text: string) => text.replaceAll(/"requestId":"[^"]*"/g, '')

test('a link shows the one answer that it was made for, without a key or a cookie', async () => {
  const made = await make({ parameters: { month: '2021-04' }, select: ['who', 'amount'] })
  assert.match(made.url ?? '', new RegExp(`/embed/${made.embed.id}#[\\w-]{43}$`))
  const seen = await view(made.embed.id, tokenOf(made))
  assert.equal(seen.status, 200, seen.text)
  assert.deepEqual(seen.rows, [
    { who: 'ada', amount: 11.5 },
    { who: 'bo', amount: 5.25 },
  ])
  const listed = (await call('GET', '/v1/embeds')).json<{ embeds: Made['embed'][] }>().embeds
  const [own] = listed.filter(({ id }) => id === made.embed.id)
  assert.equal(own?.state, 'open')
  assert.equal(typeof own.lastSeenAt, 'string')
  assert.ok(
    !JSON.stringify(listed).includes(tokenOf(made)) && !JSON.stringify(listed).includes('ems_'),
  )
})

test('a viewer cannot change what is asked, and a token opens its own view only', async () => {
  const one = await make({ parameters: { month: '2021-04', least: '10' } })
  const other = await make({ parameters: { month: '2021-04' } })
  for (const more of [
    { parameters: { least: '0' } },
    { where: { who: 'eq.bo' } },
    { asOf: '1' },
    { values: { least: '0' } },
  ]) {
    const refused = await view(one.embed.id, tokenOf(one), more)
    assert.deepEqual([refused.status, refused.code], [400, 'input-invalid'])
  }
  const reply = await call(
    'POST',
    `/v1/embeds/${one.embed.id}/view?least=0`,
    { token: tokenOf(one) },
    null,
  )
  assert.equal(reply.status, 400)
  assert.deepEqual(
    (await view(one.embed.id, tokenOf(one))).rows.map(({ who }) => who),
    ['ada'],
  )
  const crossed = await view(other.embed.id, tokenOf(one))
  assert.deepEqual([crossed.status, crossed.code], [404, 'embed-unknown'])
})

test('a question that was changed in the catalog is not what its link was signed for', async () => {
  const made = await make({ parameters: { month: '2021-04', least: '9.75' } })
  assert.equal((await view(made.embed.id, tokenOf(made))).status, 200)
  // Erasing whom it quotes is the one way in which a question changes: nobody may write to it.
  const { catalog } = world.server.open
  await catalog.asTenant(world.tenant, (session) => redactSubject(session, '9.75'))
  await assert.rejects(
    catalog.asTenant(world.tenant, (session) => session.query(`UPDATE embed SET asked = '{}'`)),
    /permission denied/,
  )
  await systemClock.sleep(600)
  const refused = await view(made.embed.id, tokenOf(made))
  assert.deepEqual([refused.status, refused.code], [404, 'embed-unknown'])
})

test('what is revoked or over is refused within a second, also to whoever has seen it', async () => {
  const made = await make({ parameters: { month: '2021-04' } })
  const token = tokenOf(made)
  assert.equal((await view(made.embed.id, token)).status, 200)
  assert.equal((await call('POST', `/v1/embeds/${made.embed.id}/revoke`)).status, 200)
  const untilMs = performance.now() + 1000
  let status = 200
  while (status === 200 && performance.now() < untilMs) {
    status = (await view(made.embed.id, token)).status
    await systemClock.sleep(50)
  }
  assert.equal(status, 410)
  const replayed = await view(made.embed.id, sign(made.secret, { exp: inMinutes(5), values: {} }))
  assert.deepEqual([replayed.status, replayed.code], [410, 'embed-ended'])
  // Whoever has no token of it is not even told that there was one.
  const guessed = await view(made.embed.id, 'x'.repeat(43))
  const nothing = await view('emb_zzzzzzzzzzzzzzzz', 'x'.repeat(43))
  assert.equal(guessed.status, 404)
  assert.equal(plain(guessed.text), plain(nothing.text))

  const soon = new Date(systemClock.now().getTime() + 1500).toISOString()
  const brief = await make({ parameters: { month: '2021-04' }, expiresAt: soon })
  assert.equal((await view(brief.embed.id, tokenOf(brief))).status, 200)
  await systemClock.sleep(1600)
  assert.equal((await view(brief.embed.id, tokenOf(brief))).status, 410)
})

test("the customer's own server signs a link for each viewer, bound to his values", async () => {
  const made = await make({ endpoint: 'lines', viewerValues: ['who', 'month'] })
  assert.equal(made.url, null)
  const { id } = made.embed
  const good = { exp: inMinutes(5), values: { who: 'bo', month: '2021-04' } }
  const seen = await view(id, sign(made.secret, good))
  assert.deepEqual(
    seen.rows?.map(({ n }) => n),
    [2],
    seen.text,
  )
  const injected = { exp: inMinutes(5), values: { who: "bo' OR 1=1 --", month: '2021-04' } }
  assert.deepEqual((await view(id, sign(made.secret, injected))).rows, [])

  const [head = '', , mac = ''] = sign(made.secret, good).split('.')
  const edited = Buffer.from(JSON.stringify({ ...good, values: { who: 'ada', month: '2021-04' } }))
  const forged: readonly (readonly [string, number, string])[] = [
    [`${head}.${edited.toString('base64url')}.${mac}`, 404, 'embed-unknown'],
    [sign('ems_another', good), 404, 'embed-unknown'],
    [sign(made.secret, good, { alg: 'none' }), 404, 'embed-unknown'],
    [sign(made.secret, good, { alg: 'HS512' }), 404, 'embed-unknown'],
    [`${sign(made.secret, good).split('.').slice(0, 2).join('.')}.`, 404, 'embed-unknown'],
    [sign(made.secret, { values: good.values }), 404, 'embed-unknown'],
    [sign(made.secret, { ...good, exp: inMinutes(-1) }), 410, 'embed-ended'],
    [sign(made.secret, { ...good, exp: inMinutes(60 * 48) }), 422, 'embed-lifetime'],
    [sign(made.secret, { ...good, values: { who: 'bo' } }), 422, 'embed-values'],
    [sign(made.secret, { ...good, values: { ...good.values, amount: '1' } }), 422, 'embed-values'],
  ]
  for (const [token, status, code] of forged) {
    const refused = await view(id, token)
    assert.deepEqual([refused.status, refused.code], [status, code], token)
  }

  const { secret } = (await call('POST', `/v1/embeds/${id}/rotate-secret`)).json<Made>()
  await systemClock.sleep(600)
  assert.equal((await view(id, sign(made.secret, good))).status, 404)
  assert.equal((await view(id, sign(secret, good))).status, 200)
})

test('another tenant is told nothing, and may end nothing', async () => {
  const made = await make()
  for (const verb of ['revoke', 'rotate-secret']) {
    const theirs = await call('POST', `/v1/embeds/${made.embed.id}/${verb}`, undefined, foreign)
    const none = await call('POST', `/v1/embeds/emb_zzzzzzzzzzzzzzzz/${verb}`, undefined, foreign)
    assert.deepEqual([theirs.status, plain(theirs.text)], [404, plain(none.text)])
  }
  assert.equal(
    (await call('GET', '/v1/embeds', undefined, foreign)).json<{ embeds: [] }>().embeds.length,
    0,
  )
  const reader = await world.key(undefined, ['read', 'export'])
  assert.equal((await call('POST', '/v1/embeds', asked, reader)).status, 403)
  const limited = await world.key({ endpoints: ['top'], columns: {}, rows: {} }, ['read', 'admin'])
  assert.equal((await call('POST', '/v1/embeds', asked, limited)).status, 403)
})

test('a view that could not be answered is refused when it is made', async () => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ endpoint: 'nothing' }, 'endpoint-unknown'],
    [{ parameters: { most: 'many' } }, 'parameter-invalid'],
    [{ parameters: { nothing: '1' } }, 'parameter-unknown'],
    [{ select: ['nothing'] }, 'column-unknown'],
    [{ viewerValues: ['month'], parameters: { month: '2021-04' } }, 'input-invalid'],
    [{ origins: ['*'] }, 'embed-origin'],
    [{ origins: ['https://*.example.com'] }, 'embed-origin'],
    [{ origins: ['https://a.example.com; script-src *'] }, 'embed-origin'],
    [{ origins: ['javascript:alert(1)'] }, 'embed-origin'],
    [{ origins: ['https://a.example.com/path'] }, 'embed-origin'],
    [{ origins: ['null'] }, 'embed-origin'],
    [{ origins: [] }, 'input-invalid'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'input-invalid'],
    [{ chart: { kind: 'bar' } }, 'input-invalid'],
  ]
  for (const [change, code] of wrong) {
    const refused = await call('POST', '/v1/embeds', { ...asked, ...change })
    assert.equal(refused.json<View>().code, code, JSON.stringify(change))
  }
})

test('links that the examples of the guide sign are good', async () => {
  const made = await make({ endpoint: 'lines', viewerValues: ['who'] })
  const guide = readFileSync(new URL('../../../docs/guides/embedding.md', import.meta.url), 'utf8')
  const example = (language: string) => {
    const [, text = ''] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(guide) ?? []
    assert.ok(text.includes('company'), language)
    return text.replaceAll('company', 'who')
  }
  const env = { ...process.env, MILLRACE_EMBED_SECRET: made.secret }
  const run = (program: string, args: readonly string[]) =>
    execFileSync(program, args, { env, encoding: 'utf8' }).trim()
  const links = [
    run(process.execPath, [
      '--input-type=module',
      '-e',
      `${example('js')}\nconsole.log(linkFor('bo'))`,
    ]),
    run('python3', ['-c', `${example('python')}\nprint(link_for('bo'))`]),
  ]
  for (const link of links) {
    const seen = await view(made.embed.id, link.split('#')[1] ?? '')
    assert.deepEqual(
      seen.rows.map(({ n }) => n),
      [2],
      seen.text,
    )
  }
})
