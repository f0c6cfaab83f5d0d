import assert from 'node:assert/strict'
import { createWriteStream } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test, type TestContext } from 'node:test'

import { MANIFEST_PATH, newManifest, parseManifest, type Manifest } from '#archive/manifest.ts'
import { readTar } from '#archive/tar-read.ts'
import { TAR_END, tarBytes, tarHead, tarPadding } from '#archive/tar-write.ts'
import { verifyArchive } from '#archive/verify-archive.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import { buildFolder } from '../../test/support/open-parts.ts'

interface Entry {
  readonly path: string
  readonly bytes: Buffer
}

const file = (path: string, text: string): Entry => ({ path, bytes: Buffer.from(text) })
const PARQUET = 'lake/events/202104/t1-f1-data.parquet'
const honest: readonly Entry[] = [
  file('catalog/run.ndjson', '{"id":"run_1"}\n{"id":"run_2"}\n'),
  file(PARQUET, 'PAR1'),
]

function manifestOf(entries: readonly Entry[], change: Partial<Manifest> = {}): Manifest {
  return {
    ...newManifest({
      millraceVersion: '0',
      madeAt: '2026-11-22T10:00:00.000Z',
      slug: 'acme',
      tenant: {},
      commitNumber: 1,
      audit: { seq: 0, hash: '0'.repeat(64) },
      tables: [{ name: 'run', columns: ['id'], rows: 2 }],
      files: 1,
      bytes: 4,
      leftOut: [],
      enterAgain: [],
      entries: entries.map(({ path, bytes }) => ({
        path,
        sizeBytes: bytes.length,
        sha256: sha256(bytes),
      })),
    }),
    ...change,
  }
}

const plain = ({ path, bytes }: Entry) => [
  tarHead(path, bytes.length, 0),
  bytes,
  tarPadding(bytes.length),
]
const manifestEntry = (manifest: unknown) => file(MANIFEST_PATH, JSON.stringify(manifest))

async function archive(t: TestContext, ...blocks: readonly Buffer[]): Promise<string> {
  const path = join(await buildFolder(t), 'acme.tar')
  await writeFile(path, Buffer.concat(blocks))
  return path
}

const build = (t: TestContext, manifest: unknown, entries: readonly Entry[], ...end: Buffer[]) =>
  archive(
    t,
    ...plain(manifestEntry(manifest)),
    ...entries.flatMap(plain),
    ...(end.length ? end : [TAR_END]),
  )

/** Refused, and the text names the entry. */
const refused = (entry: string, problem: RegExp) => (error: unknown) => {
  assert.ok(error instanceof MillraceError)
  assert.equal(error.code, 'archive-damaged')
  assert.equal(error.details['entry'], entry)
  assert.match(error.message, problem)
  return true
}

test('an honest archive is read', async (t) => {
  const path = await build(t, manifestOf(honest), honest)
  assert.equal((await verifyArchive(path)).slug, 'acme')
})

test('one changed byte, anywhere in an entry, is found and the entry named', async (t) => {
  const path = await build(t, manifestOf(honest), honest)
  const handle = await open(path, 'r+')
  const { size } = await handle.stat()
  const at = size - TAR_END.length - 512
  await handle.write(Buffer.from('Q'), 0, 1, at)
  await handle.close()
  await assert.rejects(verifyArchive(path), refused(PARQUET, /hash/))
})

test('entries that lead elsewhere, of other kinds, missing, added or in another order are refused', async (t) => {
  const [rows, parquet] = honest as [Entry, Entry]
  for (const path of [
    '../escape.parquet',
    '/etc/passwd',
    'lake/../../x/202104/t1-f1-data.parquet',
    'lake/events/202104/../../../t1-f1-data.parquet',
    'lake/events/202104/t1-f1-data.parquet/x',
    'catalog/../run.ndjson',
    'catalog/api_key.ndjson',
    'lake/events/.hidden/t1-f1-data.parquet',
    'LAKE/x',
    '',
  ]) {
    const bad = [...honest, file(path, 'x')]
    await assert.rejects(
      verifyArchive(await build(t, manifestOf(bad), bad)),
      refused(path, /neither/),
    )
  }
  const link = tarHead(PARQUET, 0, 0)
  link.write('2', 156)
  link.write(' '.repeat(8), 148)
  const sum = link.reduce((total, byte) => total + byte, 0)
  link.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const linked = await archive(
    t,
    ...plain(manifestEntry(manifestOf(honest))),
    ...plain(rows),
    link,
    TAR_END,
  )
  await assert.rejects(verifyArchive(linked), refused(PARQUET, /no plain file/))

  const manifest = manifestOf(honest)
  const cases: [readonly Entry[], string, RegExp][] = [
    [[rows], PARQUET, /missing/],
    [[parquet, rows], PARQUET, /where catalog\/run.ndjson should be/],
    [[...honest, file('lake/x', 'y')], 'lake/x', /not in the manifest/],
    [[rows, file(PARQUET, 'PAR1PAR1')], PARQUET, /8 bytes, the manifest says 4/],
    [[rows, file(PARQUET, 'PAR2')], PARQUET, /hash/],
  ]
  for (const [entries, entry, problem] of cases) {
    await assert.rejects(verifyArchive(await build(t, manifest, entries)), refused(entry, problem))
  }
  await assert.rejects(
    verifyArchive(await archive(t, ...plain(rows), TAR_END)),
    refused('catalog/run.ndjson', /manifest.json should be/),
  )
})

test('manifests that say something else than archives do are refused', () => {
  const parse = (manifest: unknown) => () => parseManifest(Buffer.from(JSON.stringify(manifest)))
  const good = manifestOf(honest)
  const entry = MANIFEST_PATH
  assert.throws(() => parseManifest(Buffer.from('{')), refused(entry, /no JSON/))
  assert.throws(parse({ format: 'other' }), refused(entry, /not that of a tenant/))
  assert.throws(
    parse({ ...good, formatVersion: 2 }),
    (error) => error instanceof MillraceError && error.code === 'archive-foreign',
  )
  assert.throws(parse({ ...good, more: 1 }), refused(entry, /more/))
  assert.throws(parse({ ...good, tenant: { 'x"; DROP TABLE': 1 } }), refused(entry, /tenant/))
  const table = { name: 'run"; --', columns: [], rows: 0 }
  assert.throws(parse({ ...good, tables: [table] }), refused(entry, /tables.0.name/))
  const [run] = good.tables
  assert.throws(parse({ ...good, tables: [run, run] }), refused(entry, /table twice/))
  assert.throws(
    parse({ ...good, entries: good.entries.slice(1) }),
    refused('catalog/run.ndjson', /not in the manifest/),
  )
  const doubled = [...good.entries, ...good.entries.slice(1)]
  assert.throws(parse({ ...good, entries: doubled }), refused(PARQUET, /twice/))
})

test('a file of zeros, a cut one, one with bytes after its end and a huge row end early', async (t) => {
  const zeros = join(await buildFolder(t), 'zeros.tar')
  const handle = await open(zeros, 'w')
  await handle.truncate(10 * 1024 ** 3)
  await handle.close()
  await assert.rejects(verifyArchive(zeros), refused('its end', /followed by further bytes/))

  const manifest = manifestOf(honest)
  const whole = [...plain(manifestEntry(manifest)), ...honest.flatMap(plain)]
  await assert.rejects(
    verifyArchive(await archive(t, Buffer.concat(whole).subarray(0, -600))),
    refused('its end', /cut short/),
  )
  await assert.rejects(
    verifyArchive(await archive(t, ...whole, TAR_END, Buffer.from('more'))),
    refused('its end', /followed/),
  )
  await verifyArchive(await archive(t, ...whole, TAR_END, Buffer.alloc(10_240)))

  const path = 'catalog/run.ndjson'
  const sizeBytes = 100 * 1024 * 1024
  const long = manifestOf([], { entries: [{ path, sizeBytes, sha256: '0'.repeat(64) }] })
  const huge = join(await buildFolder(t), 'huge.tar')
  const piece = Buffer.alloc(1024 * 1024, '{')
  await pipeline(
    Readable.from(
      [
        ...plain(manifestEntry(long)),
        tarHead(path, sizeBytes, 0),
        ...Array.from({ length: 100 }, () => piece),
        TAR_END,
      ],
      { objectMode: false },
    ),
    createWriteStream(huge),
  )
  await assert.rejects(verifyArchive(huge), refused(path, /line of more than/))
})

test('rows that are fewer than promised, cut or no objects are refused', async (t) => {
  const [, parquet] = honest as [Entry, Entry]
  for (const [text, problem] of [
    ['{"id":"run_1"}\n', /1 rows, the manifest says 2/],
    ['{"id":"run_1"}\n{"id"', /middle of a line/],
    ['[]\n[]\n', /no JSON object/],
  ] as const) {
    const entries = [file('catalog/run.ndjson', text), parquet]
    const path = await build(t, manifestOf(entries), entries)
    await assert.rejects(verifyArchive(path), refused('catalog/run.ndjson', problem))
  }
})

test('long names and sizes beyond 8 GB are written and read', async () => {
  const path = `lake/${'d'.repeat(60)}/${'2'.repeat(60)}/t1-f1-data.parquet`
  const sizeBytes = 9 * 1024 ** 3
  const head = tarHead(path, sizeBytes, 1_700_000_000)
  assert.equal(tarBytes(path, sizeBytes), head.length + sizeBytes)
  for await (const entry of readTar(Readable.from([head]))) {
    assert.deepEqual([entry.path, entry.sizeBytes], [path, sizeBytes])
    break
  }
})
