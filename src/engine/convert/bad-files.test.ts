import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'

import { MillraceError } from '#kernel/errors.ts'
import { GOOD, HEADER, convert, reasons, testSource } from '#engine/convert/convert-for-tests.ts'

async function refused(t: TestContext, body: string | Buffer, code: string, pattern: RegExp) {
  await assert.rejects(convert(t, body), (error: unknown) => {
    assert.ok(error instanceof MillraceError, String(error))
    assert.equal(error.code, code, error.message)
    assert.match(error.message, pattern)
    return true
  })
}

test('texts that are no timestamp are held back with the field', async (t) => {
  const bad = [
    '2021-02-30', '2021-13-01', '2021-4-1', '01.04.2021', '2021-04-01 24:00:00', '2021-04-01 10:00',
    '2021-04-01 10:00:60', '2021-04-01 10:00:00.', '2021-04-01 10:00:00.1234567', '2021-04-01 10:00:00 UTC',
    '2021-04-01 10:00:00+1', '2021-04-01x10:00:00', 'epoch', 'infinity', '1617235200', ' 2021-04-01', '0000-01-01',
  ] // prettier-ignore
  const { held, result } = await convert(t, HEADER + bad.map((form) => `a,${form},,[]\n`).join(''))
  assert.deepEqual(
    held.map((row) => row['value']),
    bad,
  )
  assert.deepEqual(result.quarantineReasons, [{ reason: 'at-unreadable', rows: bad.length }])
  assert.equal(result.file, null)
  assert.equal(result.outcome.rows, 0)
})

test('texts that are no list of strings are held back', async (t) => {
  const bad = [
    `['a'`, `'a'`, `['a' 'b']`, `['a', None]`, `[1]`, `[['a']]`, `['a'] x`, `['a\\q']`, `['a\\x00']`,
    `['\\ud800']`, `[,]`, `['a',,'b']`, `("a")`, `[b'a']`, `nan`, `["a']`, `['\\xZZ']`, `['`, `[`,
  ] // prettier-ignore
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
  const { held } = await convert(
    t,
    HEADER + bad.map((list) => `a,2021-04-01,,${quote(list)}\n`).join(''),
  )
  assert.deepEqual(
    held.map((row) => row['value']),
    bad,
  )
  assert.ok(held.every((row) => row['reason'] === 'tags-unreadable' && row['column'] === 'tags'))
})

test('an empty field is NULL where it may be, text stays empty, a required one is held back', async (t) => {
  const { rows, held } = await convert(t, `${HEADER},2021-04-01,,\n"",,,[]\n`)
  assert.deepEqual(
    rows.map(({ id, n, tags }) => ({ id, n, tags })),
    [{ id: '', n: null, tags: null }],
  )
  assert.deepEqual(reasons(held), [['3', 'at', 'at-missing']])
})

test('each structural fault has its reason, line, offset and raw text, and costs only its line', async (t) => {
  const lines = [
    'a,2021-04-01,1,[]', // 2
    'b,2021-04-01,1', // 3
    'c,2021-04-01,1,[],x', // 4
    'd,2021-04-01,1,"[]"x', // 5
    'e"e,2021-04-01,1,[]', // 6
    'f,2021-04-01,1,"[]', // 7
    'g,2021-04-01,1,[]', // 8
    '"h,2021-04-01,1,[]', // 9
    "i,2021-04-01,1,\"['x', 'y']\"", // 10
    'j,2021-04-01,1,[]', // 11
  ]
  const body = HEADER + lines.join('\n')
  const { rows, held } = await convert(t, body)
  assert.deepEqual(
    rows.map((row) => row['id']),
    ['a', 'g', 'i', 'j'],
  )
  assert.deepEqual(reasons(held), [
    ['3', null, 'field-count'],
    ['4', null, 'field-count'],
    ['5', null, 'quote-stray'],
    ['6', null, 'quote-stray'],
    ['7', null, 'quote-unclosed'],
    ['9', null, 'quote-unclosed'],
  ])
  for (const row of held) {
    assert.equal(row['raw'], lines[Number(row['line']) - 2])
    const offset = Number(row['byte_offset'])
    assert.ok(body.slice(offset).startsWith(String(row['raw'])))
    assert.equal(row['file'], 'file:events.csv')
  }
})

test('rows that are not UTF-8, or hold NUL, are held back; the rest of the file is good', async (t) => {
  const body = Buffer.concat([
    Buffer.from(HEADER + GOOD),
    Buffer.from('Jos\xe9,2021-04-01,1,[]\n', 'latin1'),
    Buffer.from(`b,2021-04-01,1,"['\xe9']"\n`, 'latin1'),
    Buffer.from('x'.repeat(5000) + ',2021-04-01,1,[]\n'),
    Buffer.from('c\0c,2021-04-01,1,[]\nZoë,2021-04-01,1,[]\n'),
  ])
  const { rows, held } = await convert(t, body)
  assert.deepEqual(
    rows.map((row) => String(row['id']).slice(0, 3)),
    ['a', 'xxx', 'Zoë'],
  )
  assert.deepEqual(reasons(held), [
    ['3', null, 'encoding'],
    ['4', 'tags', 'encoding'],
    ['6', null, 'encoding'],
  ])
  assert.equal(held[0]?.['raw'], 'Jos\ufffd,2021-04-01,1,[]')
})

test('lines far over the limit are held back, whole, and what follows is read', async (t) => {
  const long = 'x'.repeat(20_000_000)
  const unclosed = `"${'y\n'.repeat(800_000)}`
  const body = `${HEADER}${GOOD}${long},2021-04-01,1,[]\nb,2021-04-01,1,[]\nq,2021-04-01,1,${unclosed}${GOOD}`
  const { result, rows, held } = await convert(t, body)
  assert.deepEqual(
    rows.map((row) => row['id']),
    ['a', 'b', 'a'],
  )
  assert.equal(result.quarantineReasons.find(({ reason }) => reason === 'record-too-long')?.rows, 1)
  assert.deepEqual(reasons(held).slice(0, 2), [
    ['3', null, 'record-too-long'],
    ['5', null, 'quote-unclosed'],
  ])
  assert.equal(String(held[0]?.['raw']).length, 65_536)
  assert.equal(held[1]?.['raw'], 'q,2021-04-01,1,"y')
  assert.equal(held.at(-1)?.['line'], String(5 + 799_999))
})

test('a file that is wrong as a whole is refused', async (t) => {
  const utf16 = Buffer.from(`\ufeff${HEADER}${GOOD}`, 'utf16le')
  await refused(t, '', 'source-empty', /file:events.csv is empty/)
  await refused(t, '\n\n', 'source-empty', /is empty/)
  await refused(t, utf16, 'source-encoding', /UTF-16 \(little-endian\)/)
  await refused(t, utf16.subarray(2), 'source-encoding', /NUL/)
  await refused(t, Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'source-encoding', /NUL/)
  await refused(
    t,
    'id,at,tags\na,2021-04-01,[]\n',
    'source-header',
    /it lacks "n"; it has "id", "at"/,
  )
  await refused(t, 'id,at,n,tags,ID\n', 'source-header', /it names "ID" more than once/)
  await refused(t, 'id,at,n,tags,id_length\n', 'source-header', /"id_length" is the name/)
  await refused(t, '"id,at,n,tags\n', 'source-header', /quotes/)
  const gzip = gzipSync(HEADER + GOOD.repeat(1000))
  await refused(t, gzip.subarray(0, gzip.length - 20), 'source-compression', /cut short/)
  gzip[30] = (gzip[30] ?? 0) ^ 0xff
  await refused(t, gzip, 'source-compression', /damaged|cut short/)
  await refused(t, gzipSync(HEADER + 'x'.repeat(70e6)), 'source-compression', /over 64 MB/)
})

test('a reference table takes no bad row', async (t) => {
  await assert.rejects(
    convert(t, `${HEADER}${GOOD}b,soon,1,[]\n`, { ...testSource, reference: true }),
    /file:events.csv line 3 is not usable \(at-unreadable\)/,
  )
})

test('a bad line of any length between good rows costs itself alone', async (t) => {
  for (const lineEnd of ['\n', '\r\n']) {
    const good = GOOD.replace('\n', lineEnd)
    const lines = Array.from({ length: 40 }, (_, at) => 'x'.repeat(at + 1) + lineEnd)
    const body = HEADER.replace('\n', lineEnd) + lines.map((line) => line + good).join('')
    const { rows, held } = await convert(t, body)
    assert.equal(rows.length, 40)
    assert.deepEqual(
      held.map((row) => `${String(row['raw'])}${lineEnd}`),
      lines,
    )
  }
})
