import assert from 'node:assert/strict'
import { test } from 'node:test'

import { plainLook } from '#cli/render/look.ts'
import { renderComparison, renderReceipt, renderReceiptSources } from '#cli/render/receipt-view.ts'

const text = (lines: readonly string[]) => `\n${lines.join('\n')}\n`

test('a receipt says what was read and what has become of it', () => {
  const shown = renderReceipt(plainLook, {
    receipt: 'rcp_8x2',
    text: 'top_companies_by_month (version 2) month=2021-04\u001b[2J',
    question: {},
    commit: 17,
    asOf: '2026-11-02T10:00:00.000Z',
    firstAskedAt: '2026-11-02T10:01:00.000Z',
    completeness: { expected: 12, published: 11, missing: ['top_companies 2021-03'] },
    isCurrent: false,
    isReadable: true,
    datasets: [
      {
        dataset: 'top_companies',
        partitions: 11,
        first: '2021-01',
        last: '2021-12',
        rows: 1_100,
        current: 10,
        replaced: 1,
        swept: 0,
        checksFailed: 0,
        codeVersions: ['a'],
      },
    ],
  })
  assert.equal(
    text(shown),
    `
top_companies_by_month (version 2) month=2021-04␛[2J
  commit 17 · as of 2026-11-02 10:00 · 11 of 12 partitions
  ! something newer is published
  ! missing then: top_companies 2021-03

  read from      partitions              rows  now
  top_companies  11: 2021-01 … 2021-12  1,100  1 replaced

  its objects: millrace receipts sources rcp_8x2
`,
  )
})

test('two answers are compared by their causes first', () => {
  const causes = [
    {
      kind: 'rows-arrived',
      dataset: 'events',
      partition: '2021-04',
      text: 'its object has 3 rows more',
      rowsBefore: 2,
      rowsAfter: 5,
    },
  ]
  const changes = [
    {
      dataset: 'events_by_month',
      partition: '2021-04',
      change: 'changed' as const,
      rowsBefore: 1,
      rowsAfter: 1,
    },
  ]
  const compared = {
    before: 'events_by_month',
    after: 'events_by_month',
    asked: [],
    same: 2,
    changes,
    changesAll: 1,
    causes,
    isComplete: true,
  }
  assert.equal(
    text(renderComparison(plainLook, compared)),
    `
events_by_month
  1 partition differs, 2 do not

Why
  cause         dataset  partition  what happened                rows
  rows-arrived  events   2021-04    its object has 3 rows more  2 → 5

What it changed
  change   dataset          partition  rows
  changed  events_by_month  2021-04       1
`,
  )
  const equal = { ...compared, changes: [], changesAll: 0, causes: [] }
  assert.match(text(renderComparison(plainLook, equal)), /✓ both were read from the same rows/)
})

test('objects are listed with what was received and held back', () => {
  const [head, row] = renderReceiptSources(plainLook, {
    sources: [
      {
        dataset: 'events',
        partition: '2021-04',
        version: 7,
        location: 's3://bucket/2021/04/events.csv',
        sha256: 'ab12cd34ef56ab12cd34',
        sizeBytes: 165_000_000,
        modifiedAt: '2021-05-01T00:00:00Z',
        received: 1_150_000,
        accepted: 1_149_990,
        repaired: 0,
        quarantined: 10,
        isCurrent: true,
      },
    ],
    next: null,
    isComplete: true,
  })
  assert.match(head ?? '', /source +partition +object +size +received +held back +sha256/)
  assert.match(row ?? '', /events +2021-04 +s3:\/\/bucket.* 165 MB +1,150,000 +10 +ab12cd34ef56/)
})
