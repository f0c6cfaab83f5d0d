import assert from 'node:assert/strict'
import { test } from 'node:test'

import { commitAsOf, commitTime, readSetsAsOf, readSetsOfVersions } from '#catalog/as-of.ts'
import { readSets, type ReadSet } from '#catalog/files.ts'
import { findReceipt, insertReceipt, listReceipts, sweepReceipts } from '#catalog/receipts.ts'
import { markSwept } from '#catalog/sweep.ts'
import { createTenant } from '#catalog/tenants.ts'
import { undoRun } from '#catalog/undo.ts'
import { MillraceError } from '#kernel/errors.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../test/support/catalog-builders.ts'

const isSwept = (error: unknown) => error instanceof MillraceError && error.code === 'version-swept'

function pointed(sets: readonly ReadSet[]) {
  return sets.map(({ dataset, partitions }) => [
    dataset,
    partitions.map(({ partition, versionId }) => [partition, versionId]),
  ])
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)
  const requests = [
    { dataset: 'days', partitions: null },
    { dataset: 'months', partitions: ['2021-04', '2021-05'] },
  ]

  test('as of any commit is read what was read then, through publishes and undos', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'beta')
    const then = new Map<number, unknown>()
    const look = async () => {
      const sets = await catalog.asTenant(tenant, (session) => readSets(session, requests))
      then.set(sets[0]?.commitNumber ?? 0, pointed(sets))
    }
    const runs: string[] = []
    await look()
    for (const [dataset, partition] of [
      ['days', '2021-04-01'],
      ['days', '2021-04-02'],
      ['months', '2021-04'],
      ['days', '2021-04-01'],
      ['months', '2021-05'],
      ['days', '2021-04-02'],
    ] as const) {
      for (const owner of [tenant, other]) {
        const { runId } = await buildRun(catalog, owner, [buildTask(dataset, partition)])
        if (owner === tenant) runs.push(runId)
        await publishBatch(catalog, owner, await claimBatch(catalog))
      }
      await look()
      const undone = runs.length % 2 === 0 ? runs.at(-1) : undefined
      if (undone === undefined) continue
      await catalog.asTenant(tenant, (session) => undoRun(session, undone))
      await look()
    }
    assert.ok(then.size >= 9, `${then.size} commits`)
    for (const [commit, expected] of then) {
      const sets = await catalog.asTenant(tenant, (session) =>
        readSetsAsOf(session, requests, commit),
      )
      assert.deepEqual(pointed(sets), expected, `as of commit ${commit}`)
      assert.equal(sets[0]?.commitNumber, commit)
    }
  })

  test('a time is the newest commit up to it', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const none = await catalog.asTenant(tenant, (session) => commitAsOf(session, new Date()))
    assert.equal(none, null)
    for (const partition of ['2021-04-01', '2021-04-02']) {
      await buildRun(catalog, tenant, [buildTask('days', partition)])
      await publishBatch(catalog, tenant, await claimBatch(catalog))
    }
    const times = await Promise.all(
      [1, 2].map((commit) => catalog.asTenant(tenant, (session) => commitTime(session, commit))),
    )
    for (const [index, at] of times.entries()) {
      assert.ok(at)
      const commit = await catalog.asTenant(tenant, (session) => commitAsOf(session, at))
      assert.ok(commit === index + 1 || times[1]?.getTime() === at.getTime(), `${commit}`)
    }
    const before = new Date((times[0]?.getTime() ?? 0) - 1)
    const former = await catalog.asTenant(tenant, (session) => commitAsOf(session, before))
    assert.equal(former, null)
  })

  test('versions are read by their numbers, and told when their files are gone', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'beta')
    await buildRun(catalog, tenant, [buildTask('days', '2021-04-01')])
    await publishBatch(catalog, tenant, await claimBatch(catalog))
    const [now] = await catalog.asTenant(tenant, (session) => readSets(session, requests))
    const version = now?.partitions[0]?.versionId ?? 0
    const wanted = [{ dataset: 'days', versions: [['2021-04-01', version] as const] }]
    const [set] = await catalog.asTenant(tenant, (session) =>
      readSetsOfVersions(session, wanted, 1),
    )
    assert.deepEqual(set?.partitions, now?.partitions)
    await assert.rejects(
      catalog.asTenant(other, (session) => readSetsOfVersions(session, wanted, 1)),
      isSwept,
    )
    const files = set?.partitions[0]?.files.map(({ id }) => id) ?? []
    await catalog.asTenant(tenant, (session) => markSwept(session, files))
    await assert.rejects(
      catalog.asTenant(tenant, (session) => readSetsOfVersions(session, wanted, 1)),
      isSwept,
    )
    await assert.rejects(
      catalog.asTenant(tenant, (session) => readSetsAsOf(session, requests, 1)),
      isSwept,
    )
  })

  test('a receipt is kept once, and is its tenant’s alone', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'beta')
    const receipt = {
      id: 'rcp_1',
      question: { subject: { kind: 'dataset', dataset: 'days' } },
      commitNumber: 3,
      asOf: new Date('2026-11-02T10:00:00Z'),
      completeness: { expected: 2, published: 1 },
      versions: [['days', [['2021-04-01', 7]]]] as const,
    }
    for (const commitNumber of [3, 4]) {
      await catalog.asTenant(tenant, (session) =>
        insertReceipt(session, { ...receipt, commitNumber }, 'h'),
      )
    }
    const found = await catalog.asTenant(tenant, (session) => findReceipt(session, 'rcp_1'))
    assert.ok(found)
    const { createdAt: _createdAt, ...kept } = found
    assert.deepEqual(kept, receipt)
    assert.equal(await catalog.asTenant(other, (session) => findReceipt(session, 'rcp_1')), null)
  })

  test('an erased subject stands in no question any more, of its own tenant only', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'beta')
    const who = 'o"hara@example.org'
    const receipt = {
      id: 'rcp_1',
      question: { where: [{ column: 'email', op: 'eq', value: who }] },
      commitNumber: 3,
      asOf: new Date('2026-11-02T10:00:00Z'),
      completeness: {},
      versions: [],
    }
    for (const owner of [tenant, other]) {
      await catalog.asTenant(owner, (session) => insertReceipt(session, receipt, 'h'))
    }
    await catalog.asTenant(tenant, (session) => session.query('SELECT subject_redact($1)', [who]))
    const questions = await Promise.all(
      [tenant, other].map(async (owner) => {
        const found = await catalog.asTenant(owner, (session) => findReceipt(session, 'rcp_1'))
        return found?.question
      }),
    )
    assert.deepEqual(questions, [
      { where: [{ column: 'email', op: 'eq', value: '(erased)' }] },
      receipt.question,
    ])
  })

  test('old receipts go, and moves that were overtaken; what is newest stays readable', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'acme')
    for (let commit = 1; commit <= 3; commit++) {
      await buildRun(catalog, tenant, [buildTask('days', '2021-04-01')])
      await publishBatch(catalog, tenant, await claimBatch(catalog))
    }
    const kept = { commitNumber: 1, asOf: new Date(), completeness: {}, question: {} }
    for (const id of ['rcp_old', 'rcp_new']) {
      await catalog.asTenant(tenant, (session) =>
        insertReceipt(session, { id, ...kept, versions: [[id, []]] }, id),
      )
    }
    const long = `millrace_now() - interval '500 days'`
    await admin(`UPDATE receipt SET created_at = ${long} WHERE id = 'rcp_old' AND tenant_id = $1`, [
      tenant.id,
    ])
    await admin(`UPDATE pointer_move SET at = ${long} WHERE tenant_id = $1 AND commit_number < 3`, [
      tenant.id,
    ])
    assert.equal(await catalog.asTenant(tenant, (session) => sweepReceipts(session, 400)), 1)
    const left = await catalog.asTenant(tenant, (session) => listReceipts(session, { limit: 10 }))
    assert.deepEqual(
      left.map(({ id }) => id),
      ['rcp_new'],
    )
    const read = (commit: number) =>
      catalog.asTenant(tenant, (session) => readSetsAsOf(session, requests, commit))
    const counts = await Promise.all(
      [1, 2, 3].map(async (commit) => (await read(commit))[0]?.partitions.length),
    )
    assert.deepEqual(counts, [0, 1, 1])
  })
})
