import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { errorCatalog } from '#kernel/error-catalog.ts'
import { openApiDocument } from '#operations/openapi/document.ts'
import { operations } from '#operations/registry.gen.ts'
import { errorsPage, indexPage, resourcePage, resourcesOf } from '#server/docs-html.ts'
import { html, prose } from '#server/docs-text.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'

let server: TestServer
before(async () => {
  server = await openServer()
})
after(() => server.close())

const place = { base: '/millrace', publicUrl: 'https://data.example.com/millrace' }
const document = openApiDocument(operations, { publicUrl: place.publicUrl, version: '1.2.3' })
const names = [...resourcesOf(document).keys()]
const pages = new Map([
  ['', indexPage(document, place)],
  ['errors', errorsPage(document, place)],
  ...names.map((name) => [name, resourcePage(document, name, place) ?? ''] as const),
])

test('it is open to everybody, loads nothing from elsewhere, and runs nothing that stands in a page', async () => {
  for (const url of ['/docs', '/docs/runs', '/docs/errors']) {
    const answer = await server.app.inject(url)
    assert.equal(answer.statusCode, 200)
    assert.match(String(answer.headers['content-type']), /^text\/html/)
    assert.match(
      String(answer.headers['content-security-policy']),
      /default-src 'none'.*script-src 'self'/,
    )
    assert.doesNotMatch(answer.body, /<script(?! src="\/docs\.js")|<style|style=|onclick/)
    assert.doesNotMatch(answer.body, /(?:src|href)="(?:https?:)?\/\//)
  }
  for (const url of ['/docs.css', '/docs.js']) {
    assert.equal((await server.app.inject(url)).statusCode, 200)
  }
  const none = await server.app.inject('/docs/nothing')
  assert.deepEqual([none.statusCode, none.json().code], [404, 'route-unknown'])
})

test('every operation and every problem code has its place', () => {
  for (const { name, summary } of operations) {
    const [resource = '', verb = ''] = name.split('.')
    const page = pages.get(resource) ?? ''
    assert.ok(page.includes(`id="${verb}"`), name)
    assert.ok(page.includes(prose(summary).text), name)
  }
  for (const code of Object.keys(errorCatalog)) {
    assert.ok(pages.get('errors')?.includes(`id="${code}"`), code)
  }
})

test('every link leads to a place that is there, under the path of the proxy', () => {
  let links = 0
  for (const page of pages.values()) {
    for (const [, path = '', anchor] of page.matchAll(/href="([^"#]*)(?:#([^"]*))?"/g)) {
      if (path === '') continue
      links++
      assert.ok(path.startsWith('/millrace/'), path)
      if (!path.startsWith('/millrace/docs')) continue
      if (path.endsWith('.css')) continue
      const target = pages.get(path.replace('/millrace/docs', '').replace(/^\//, ''))
      assert.ok(target, path)
      if (anchor !== undefined) assert.ok(target.includes(`id="${anchor}"`), `${path}#${anchor}`)
    }
  }
  assert.ok(links > 1000)
})

test('texts are texts', () => {
  assert.equal(html`<b>${'<i>"&\''}</b>`.text, '<b>&lt;i&gt;&quot;&amp;&#39;</b>')
  assert.equal(prose('a `<b>` c').text, 'a <code>&lt;b&gt;</code> c')
})
