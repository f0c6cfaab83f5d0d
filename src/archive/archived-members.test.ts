import assert from 'node:assert/strict'
import { test } from 'node:test'

import { deleteDueTenant } from '#archive/delete-tenant.ts'
import { restoreTenant } from '#archive/restore-tenant.ts'
import { askDeletion } from '#catalog/archive-deletion.ts'
import {
  buildPlace,
  buildStockedTenant,
  exportToFile,
  type Place,
} from '../../test/support/archive-builders.ts'
import { eachEngine } from '../../test/support/database.ts'

const accounts = ({ admin }: Place) =>
  admin<{ id: string; email: string; password: string | null; roles: string }>(
    `SELECT u.id, u.email, u.password, (
       SELECT string_agg(t.slug || ' ' || m.role, ', ' ORDER BY t.slug)
       FROM membership m JOIN tenant t ON t.id = m.tenant_id WHERE m.user_id = u.id) AS roles
     FROM user_account u ORDER BY u.email COLLATE "C"`,
  )

eachEngine((engine) => {
  test('members come back by address and role, without what they sign in with', async (t) => {
    const from = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(from, 'acme')
    await from.admin(
      `INSERT INTO user_account (id, email, name, password, home_tenant) VALUES
         ('usr_ben', 'ben@example.com', 'Ben', '$argon2id$of-ben', NULL),
         ('usr_off', 'off@example.com', 'Off', NULL, NULL), ('usr_sso', 'sso@example.com', 'S', NULL, $1)`,
      [tenant.id],
    )
    await from.admin(`UPDATE user_account SET disabled_at = now() WHERE id = 'usr_off'`)
    await from.admin(
      `INSERT INTO membership (tenant_id, user_id, role)
       VALUES ($1, 'usr_ben', 'analyst'), ($1, 'usr_off', 'admin'), ($1, 'usr_sso', 'owner')`,
      [tenant.id],
    )
    const { path, manifest } = await exportToFile(from, tenant)
    assert.ok(
      manifest.enterAgain.includes(
        "member sso@example.com (through the tenant's identity provider)",
      ),
    )

    const to = await buildPlace(t, engine)
    await to.admin(
      `INSERT INTO user_account (id, email, name, password)
       VALUES ('usr_ben_here', 'ben@example.com', 'Ben', '$argon2id$here')`,
    )
    await restoreTenant(to, {
      file: path,
      slug: null,
      by: 'operator',
      replayErasures: () => Promise.resolve(),
    })
    const [anna, ben, ...others] = await accounts(to)
    assert.deepEqual(others, [])
    assert.deepEqual(
      [anna?.email, anna?.password, anna?.roles],
      ['anna@acme.example.com', null, 'acme owner'],
    )
    assert.deepEqual(ben, {
      id: 'usr_ben_here',
      email: 'ben@example.com',
      password: '$argon2id$here',
      roles: 'acme analyst',
    })
  })

  test('accounts of nobody else go with the tenant; those of others, and of a failed restore, stay', async (t) => {
    const place = await buildPlace(t, engine)
    const tenant = await buildStockedTenant(place, 'acme')
    const other = await buildStockedTenant(place, 'other')
    await place.admin(
      `INSERT INTO membership (tenant_id, user_id, role) VALUES ($1, 'usr_other', 'viewer')`,
      [tenant.id],
    )
    const { path } = await exportToFile(place, tenant)
    const before = await accounts(place)
    await assert.rejects(
      restoreTenant(place, {
        file: path,
        slug: 'copy',
        by: 'operator',
        replayErasures: () => Promise.reject(new Error('no')),
      }),
      /^Error: no$/,
    )
    assert.deepEqual(await accounts(place), before)

    await place.catalog.asSystem((session) => askDeletion(session, tenant.id, 'operator', 0))
    assert.equal(await deleteDueTenant(place), 'acme')
    const left = await accounts(place)
    assert.deepEqual(
      left.map(({ email, roles }) => [email, roles]),
      [['anna@other.example.com', `${other.slug} owner`]],
    )
    const mails = await place.admin('SELECT FROM mail')
    assert.equal(mails.length, 1)
  })
})
