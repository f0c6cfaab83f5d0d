import assert from 'node:assert/strict'
import { test } from 'node:test'

import { commandLineOn } from '../support/command-line.ts'
import { buildFolder } from '../support/open-parts.ts'

test('a tenant is onboarded, changed, listed and suspended from the command line', async (t) => {
  const millrace = commandLineOn(await buildFolder(t))
  const made = await millrace.run(
    `tenants create acme --name Acme --limit 4 --time-zone Europe/Vienna --packs events --json`,
  )
  assert.equal(made.code, 0, made.err)
  const { key, packs, limit } = JSON.parse(made.out)
  assert.match(key, /^mk_/)
  assert.deepEqual([packs, limit], [['events'], 4])

  const changed = await millrace.run('tenants configure acme --limit null --packs null --json')
  assert.equal(changed.code, 0, changed.err)
  const settings = JSON.parse(changed.out)
  assert.deepEqual([settings.limit, settings.packs, settings.name], [null, null, 'Acme'])

  const suspended = await millrace.run('tenants suspend acme --reason unpaid')
  assert.equal(suspended.code, 0, suspended.err)
  const listed = await millrace.run('tenants list --limit 1')
  assert.match(listed.out, /acme +Acme +suspended +100/)
  assert.match(listed.out, /2 active · 1 suspended · go on with --after acme/)
})
