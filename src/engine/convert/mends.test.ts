import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'

import { keyedHash } from '#kernel/keyed-hash.ts'
import type { SourceDefinition, SourceFormat } from '#model/definition.ts'
import { recordHash, type FixAction, type RepairRule } from '#model/mend.ts'
import type { SubjectRules } from '#model/subject.ts'
import { convert, reasons, testSource } from '#engine/convert/convert-for-tests.ts'

const source: SourceDefinition = {
  ...testSource,
  columns: [
    { name: 'id', type: 'text', subject: 'user' },
    { name: 'at', type: 'timestamp', optional: false },
    { name: 'n', type: 'integer' },
    { name: 'tags', type: 'text[]', parse: 'python-list' },
    { name: 'price', type: 'decimal(12,2)' },
  ],
}
const names = source.columns.map(({ name }) => name)

/** The same records in each format, with the raw text of each. */
function written(rows: readonly (readonly string[])[], kind: SourceFormat['kind']) {
  const quote = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const raw = rows.map((row) =>
    kind === 'csv'
      ? row.map(quote).join(',')
      : JSON.stringify(Object.fromEntries(row.map((text, at) => [names[at], text]))),
  )
  const joined = kind === 'json' ? `[${raw.join(',\n')}]` : raw.join('\n')
  return { raw, body: kind === 'csv' ? `${names.join(',')}\n${joined}` : joined }
}

async function each(
  t: TestContext,
  rows: readonly (readonly string[])[],
  mends: {
    readonly repairs?: readonly [string, RepairRule][]
    readonly fixes?: (raw: readonly string[], kind: SourceFormat['kind']) => [string, FixAction][]
    readonly rules?: SubjectRules
  },
  judge: (found: Awaited<ReturnType<typeof convert>>, kind: string) => void,
) {
  for (const kind of ['csv', 'ndjson', 'json'] as const) {
    const { raw, body } = written(rows, kind)
    const found = await convert(t, body, { ...source, format: { kind } }, mends.rules ?? null, {
      repairs: (mends.repairs ?? []).map(([column, rule]) => ({ column, rule })),
      fixes: (mends.fixes?.(raw, kind) ?? []).map(([text, action]) => ({
        record: recordHash(text),
        action,
      })),
    })
    judge(found, kind)
  }
}

test('repairs work on every record before it is judged, in their order, and are counted', async (t) => {
  const rows = [
    ['a', '2021-04-01', ' 5 ', '[]', '1.234,50'],
    ['b', '01.04.2021 10:00:00', '6', '[]', '7'],
    ['N/A', '2021-04-02', '', "['x']", '1,5'],
    ['abcdefgh', '2021-04-03', 'x', '[]', '3'],
    ['plain', '2021-04-04', '1', '[]', '2.00'],
    ['d', '2021-04-05', '1', '[', '2'],
  ]
  const repairs: [string, RepairRule][] = [
    ['n', { kind: 'trim' }],
    ['n', { kind: 'default', text: '0' }],
    ['at', { kind: 'date-format', format: 'DD.MM.YYYY' }],
    ['price', { kind: 'decimal-comma' }],
    ['id', { kind: 'empty-as-null', texts: ['N/A'] }],
    ['id', { kind: 'cap-length', length: 5 }],
    ['n', { kind: 'map', texts: { x: '9' } }],
  ]
  await each(t, rows, { repairs }, ({ rows: found, held, result }, kind) => {
    const told = found.map((row) => [row['id'], row['n'], String(row['price'])].map(String))
    assert.deepEqual(
      told.map((row) => row.join('|')).toSorted(),
      ['abcde|9|3.00', 'a|5|1234.50', 'b|6|7.00', 'null|0|1.50', 'plain|1|2.00'],
      kind,
    )
    assert.equal(result.repaired, 4)
    assert.equal(result.accepted, 1)
    assert.deepEqual(
      held.map((row) => row['reason']),
      ['tags-unreadable'],
    )
    const b = found.find((row) => row['id'] === 'b')
    assert.equal(String(b?.['at']), '2021-04-01 10:00:00')
  })
})

test('a fix finds its record by its text: another record, other values, or out for good', async (t) => {
  const rows = [
    ['a', 'bad', '1', '[]', '1'],
    ['b', '2021-04-01', 'x', '["q"]', '1'],
    ['c', '2021-04-01', '1', '[', '1'],
    ['d', '', '1', '[]', '1'],
    ['e', 'worse', '1', '[]', '1'],
    ['f', '2021-04-01', '1', '[]', '1'],
  ]
  const fixes = (raw: readonly string[], kind: SourceFormat['kind']): [string, FixAction][] => {
    const better = written([['A', '2021-04-09', '2', "['t']", '9']], kind).raw[0] ?? ''
    return [
      [raw[0] ?? '', { kind: 'replace', record: better }],
      [raw[1] ?? '', { kind: 'set', values: { n: '7', id: null } }],
      [raw[2] ?? '', { kind: 'drop', reason: 'a test of ours' }],
      [raw[4] ?? '', { kind: 'set', values: { at: 'worse still' } }],
      [raw[5] ?? '', { kind: 'drop', reason: 'it is not held back' }],
      ['nothing like it', { kind: 'drop', reason: 'no such record' }],
    ]
  }
  await each(t, rows, { fixes }, ({ rows: found, held, result }, kind) => {
    const told = found.map((row) => [row['id'], row['n'], JSON.stringify(row['tags'])].map(String))
    assert.deepEqual(
      told.map((row) => row.join('|')).toSorted(),
      ['A|2|["t"]', 'f|1|[]', 'null|7|["q"]'],
      kind,
    )
    assert.deepEqual(
      held.map((row) => [row['reason'], row['value']]),
      [
        ['dropped', 'a test of ours'],
        ['at-missing', kind === 'csv' ? held[1]?.['value'] : ''],
        ['at-unreadable', 'worse still'],
      ],
    )
    assert.deepEqual([result.accepted, result.repaired, result.quarantined], [1, 2, 3])
  })
})

test('a replacement that is no record leaves the row held back, with what is wrong with it', async (t) => {
  const bad: Record<SourceFormat['kind'], [string, string][]> = {
    csv: [['a,b', 'field-count'], ['"a', 'quote-unclosed'], ['a,2021-04-01,1,[],1\nb,2021-04-01,1,[],1', 'field-count'], ['', 'quote-stray']],
    ndjson: [['{"id":1,"id":2}', 'key-duplicate'], ['[]', 'not-an-object'], ['{} {}', 'value-second'], ['{"at":null}', 'at-missing']],
    json: [['{"id":"\\ud800"}', 'surrogate-lone'], ['{', 'syntax'], ['{"id_length":1}', 'key-forbidden'], ['{"at":"x"}', 'at-unreadable']],
  } // prettier-ignore
  const rows = [0, 1, 2, 3].map((at) => [`r${at}`, 'bad', '1', '[]', '1'])
  const fixes = (raw: readonly string[], kind: SourceFormat['kind']) =>
    raw.map((text, at): [string, FixAction] => [
      text,
      { kind: 'replace', record: bad[kind][at]?.[0] ?? '' },
    ])
  await each(t, rows, { fixes }, ({ held, result }, kind) => {
    assert.equal(result.repaired, 0)
    const wanted = bad[kind as SourceFormat['kind']].map(([, reason]) => reason)
    assert.deepEqual(
      held.map((row) => row['reason']),
      wanted,
    )
    assert.ok(held.every((row) => String(row['raw']).includes('bad')))
  })
})

test('mended rows are part of the data version, and mends that change nothing are not', async (t) => {
  const { body, raw } = written([['a', 'bad', '1', '[]', '1'], ['b', '2021-04-01', '1', '[]', '1']], 'csv') // prettier-ignore
  const versionOf = async (action: FixAction | null, text = raw[0] ?? '') => {
    const fixes = action ? [{ record: recordHash(text), action }] : []
    return (await convert(t, body, source, null, { repairs: [], fixes })).result.outcome.dataVersion
  }
  const plain = (await convert(t, body, source)).result.outcome.dataVersion
  assert.equal(await versionOf(null), plain)
  assert.equal(await versionOf({ kind: 'drop', reason: 'out' }), plain)
  assert.equal(await versionOf({ kind: 'set', values: { at: '2021-04-02' } }, 'other'), plain)
  const second = await versionOf({ kind: 'set', values: { at: '2021-04-02' } })
  const third = await versionOf({ kind: 'set', values: { at: '2021-04-03' } })
  assert.equal(new Set([plain, second, third]).size, 3)
})

test('nobody who is erased comes back by a fix or a repair', async (t) => {
  const key = '0'.repeat(64)
  const hash = keyedHash(Buffer.from(key, 'hex'), 'user', 'anna')
  const rules: SubjectRules = { key, rules: [{ kind: 'user', hash, state: 'erased', bytes: 4 }] }
  const rows = [
    [' anna ', '2021-04-01', '1', '[]', '1'],
    ['x', 'bad', '1', '[]', '1'],
    ['b', '2021-04-01', '1', '[]', '1'],
  ]
  const fixes = (raw: readonly string[]): [string, FixAction][] => [
    [raw[1] ?? '', { kind: 'set', values: { at: '2021-04-01', id: 'anna' } }],
  ]
  const repairs: [string, RepairRule][] = [['id', { kind: 'trim' }]]
  await each(t, rows, { fixes, repairs, rules }, ({ rows: found, held, result }, kind) => {
    assert.deepEqual(
      found.map(({ id }) => id),
      ['b'],
      kind,
    )
    assert.deepEqual(reasons(held), [])
    assert.equal(result.erased, 2)
  })
})

test('a record in JSON that is held back is recognised as somebody by its escapes, too', async (t) => {
  const key = '0'.repeat(64)
  const hash = keyedHash(Buffer.from(key, 'hex'), 'user', 'zoë')
  const rules: SubjectRules = { key, rules: [{ kind: 'user', hash, state: 'erased', bytes: 4 }] }
  const body =
    '{"id":"zo\\u00eb","at":"bad"}\n{"id":"zoe","at":"bad"}\n{"id":"zo\\u00eb","at":"2021-04-01"}'
  const { result } = await convert(t, body, { ...source, format: { kind: 'ndjson' } }, rules)
  assert.deepEqual([result.erased, result.quarantined, result.accepted], [2, 1, 0])
})
