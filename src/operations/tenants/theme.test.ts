import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { LOGO_BYTES_MAX } from '#operations/tenants/theme-logo.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer
let admin: string

before(async () => {
  server = await openServer()
  admin = await server.key(server.tenants.alpha, ['read', 'admin'])
})
after(() => server.close())

interface Theme {
  readonly logo: string | null
  readonly colour: string | null
  readonly light: { readonly accent: string; readonly isAdjusted: boolean } | null
  readonly code: string
}

async function call(
  method: 'GET' | 'POST',
  url: string,
  payload?: object,
  as: string | null = admin,
) {
  return server.app.inject({
    method,
    url,
    headers: as === null ? {} : { authorization: `Bearer ${as}` },
    ...(payload && { payload }),
  })
}

const configure = (settings: object) => call('POST', '/v1/tenants/alpha/settings', settings)
const theme = async () => (await call('GET', '/v1/theme')).json<Theme>()
const address = (type: string, content: string | Buffer) =>
  `data:image/${type};base64,${Buffer.from(content).toString('base64')}`

const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(100)])
const svg = (inside: string, begin = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"') =>
  `${begin}>${inside}</svg>`

test('a logo is served by the hash of it, as a picture that does nothing', async () => {
  for (const [type, content] of [
    ['png', png],
    ['svg+xml', svg('<title>Ä &amp; B</title><path d="M0 0h9" fill="url(#a)"/>')],
  ] as const) {
    assert.equal((await configure({ logo: address(type, content) })).statusCode, 200)
    const { logo } = await theme()
    assert.match(logo ?? '', /^logos\/alpha\/[0-9a-f]{32}\.(?:png|svg)$/)
    const shown = await call('GET', `/${logo}`, undefined, null)
    assert.equal(shown.statusCode, 200)
    assert.deepEqual(shown.rawPayload, Buffer.from(content))
    assert.equal(shown.headers['content-type'], `image/${type}`)
    assert.equal(shown.headers['x-content-type-options'], 'nosniff')
    assert.match(String(shown.headers['content-security-policy']), /default-src 'none'.*sandbox/)
    assert.match(String(shown.headers['cache-control']), /immutable/)
  }
})

test('who has a logo, and that there is such a tenant, is told to nobody who guesses', async () => {
  await configure({ logo: address('png', png) })
  const file = `${'0'.repeat(32)}.png`
  const plain = (text: string) => text.replaceAll(/"requestId":"[^"]*"/g, '')
  const own = await call('GET', `/logos/alpha/${file}`, undefined, null)
  const none = await call('GET', `/logos/nowhere/${file}`, undefined, null)
  assert.equal(own.statusCode, 404)
  assert.equal(plain(own.body), plain(none.body))
  const { logo } = await theme()
  const elsewhere = await call('GET', `/${logo?.replace('alpha', 'beta')}`, undefined, null)
  assert.equal(elsewhere.statusCode, 404)
})

test('what could do more than be seen is no logo, and the answer says what it is', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    [address('png', 'GIF89a'), /is not the PNG/],
    [address('webp', png), /is not the WEBP/],
    [address('png', Buffer.concat([png, Buffer.alloc(LOGO_BYTES_MAX)])), /may have 102400/],
    [address('svg+xml', 'plain'), /is no SVG/],
    [address('svg+xml', '<html></html>'), /html/],
    [address('svg+xml', svg('<script>alert(1)</script>')), /script/],
    [address('svg+xml', svg('<foreignObject/>')), /foreignObject/],
    [address('svg+xml', svg('<image href="https://a.example/x.png"/>')), /image/],
    [address('svg+xml', svg('<use href="https://a.example/x.svg#a"/>')), /leads to/],
    [address('svg+xml', svg('<use xlink:href="data:image/svg+xml,x"/>')), /leads to/],
    [address('svg+xml', svg('<path onload="alert(1)"/>')), /onload/],
    [address('svg+xml', svg("<path\nOnClick = 'alert(1)' />")), /OnClick/],
    [address('svg+xml', svg('<path fill="url(https://a.example/)"/>')), /elsewhere/],
    [address('svg+xml', svg('<path fill="&#117;rl(https://a.example/)"/>')), /elsewhere/],
    [address('svg+xml', svg('<style>@import "https://a.example/x.css";</style>')), /elsewhere/],
    [address('svg+xml', svg('<style>a{fill:u\\72l(https://a.example/)}</style>')), /elsewhere/],
    [address('svg+xml', `<!DOCTYPE svg [<!ENTITY a "b">]>${svg('')}`), /DOCTYPE/],
    [address('svg+xml', `<?xml-stylesheet href="a"?>${svg('')}`), /may not have|xml/],
    [address('svg+xml', svg('<a:script xmlns:a="http://www.w3.org/2000/svg"/>')), /a:script/],
    ['data:text/html;base64,AAAA', /data address/],
  ]
  for (const [logo, problem] of wrong) {
    const refused = await configure({ logo })
    assert.deepEqual([refused.statusCode, refused.json<Theme>().code], [400, 'input-invalid'], logo)
    assert.match(refused.json<{ detail: string }>().detail, problem)
  }
})

test('a colour is told as both themes can show it', async () => {
  await configure({ colour: '#ffee00' })
  const { colour, light } = await theme()
  assert.equal(colour, '#ffee00')
  assert.equal(light?.isAdjusted, true)
  await configure({ colour: null, logo: null })
  const none = await theme()
  assert.deepEqual([none.colour, none.light, none.logo], [null, null, null])
})
