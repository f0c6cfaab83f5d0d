import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fastify from 'fastify'

import { addAccountPages } from '#server/account-page.ts'

const folder = join(import.meta.dirname, 'page')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

test('each page comes with a policy that allows nothing inline and nothing from elsewhere', async () => {
  const app = fastify()
  addAccountPages(app)
  const pages = ['/sign-in', '/setup', '/join', '/reset', '/account']
  for (const url of pages) {
    const { statusCode, headers, body } = await app.inject({ url })
    assert.equal(statusCode, 200, url)
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /default-src 'none'.*script-src 'self'.*form-action 'none'/)
    assert.doesNotMatch(policy, /unsafe|https?:|\*/)
    assert.doesNotMatch(body, /\son\w+=|style=|<script(?![^>]*\ssrc=)|javascript:/i, url)
    // Relative: the pages may lie under a path of a proxy's.
    for (const [, address = ''] of body.matchAll(/(?:href|src)="([^"]*)"/g)) {
      assert.match(address, /^(data:|\.\/$|[a-z-]+(\.css|\.js)?$)/, `${url}: ${address}`)
      if (!/\.(css|js)$/.test(address)) continue
      // That one is the documentation's.
      if (address === 'page.css') continue
      assert.equal((await app.inject({ url: `/${address}` })).statusCode, 200, address)
    }
  }
  for (const script of ['account.js', 'account-own.js', 'account-form.js', 'account-code.js']) {
    const text = read(script)
    assert.doesNotMatch(
      text,
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/,
      script,
    )
    assert.doesNotMatch(text, /['"`]\/v1\//, `${script}: addresses are relative`)
    for (const [, other = ''] of text.matchAll(/from '\.\/([^']+)'/g)) {
      assert.equal((await app.inject({ url: `/${other}` })).statusCode, 200, other)
    }
  }
  await app.close()
})

test('every field has a label or is hidden, and says what a browser may fill in', () => {
  const html = read('account.html')
  const fields = [...html.matchAll(/<input\b[^>]*>/g)].map(([field]) => field)
  assert.ok(fields.length >= 15)
  for (const field of fields) {
    assert.match(field, /autocomplete="[a-z-]+"/, field)
    const id = / id="([^"]+)"/.exec(field)?.[1]
    if (/\shidden\b/.test(field)) continue
    assert.ok(id !== undefined && html.includes(`<label for="${id}">`), field)
  }
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  assert.equal(new Set(ids).size, ids.length, 'ids are unique')
  for (const script of ['account.js', 'account-own.js']) {
    for (const [, id = ''] of read(script).matchAll(/(?:byId|onSubmit|fill)\('([^']+)'/g)) {
      assert.ok(ids.includes(id), `${script}: ${id}`)
    }
  }
})
