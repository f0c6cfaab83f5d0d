import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'

import { holdFiles, releaseFiles } from '#catalog/archive-hold.ts'
import { subjectKey } from '#catalog/subject-rules.ts'
import { collectTenant, type Collected } from '#archive/collect-tenant.ts'
import { MANIFEST_PATH, type Manifest, type ManifestEntry } from '#archive/manifest.ts'
import type { ArchiveParts } from '#archive/parts.ts'
import { TAR_END, tarBytes, tarHead, tarPadding } from '#archive/tar-write.ts'
import { MillraceError } from '#kernel/errors.ts'
import { millraceVersion } from '#kernel/version.ts'
import type { Tenant } from '#model/tenant.ts'

/** Longer than it takes to read any one file of it; renewed while it is read. */
const HOLD_MS = 6 * 3_600_000
const RENEW_EVERY_MS = 600_000

/** A tenant at one moment, as one file. Whoever has it reads it to its end, or closes it. */
export interface TenantArchive {
  readonly fileName: string
  readonly sizeBytes: number
  readonly manifest: Manifest
  /** Once. Its end, whatever it is, closes the archive. */
  open(signal?: AbortSignal): Readable
  close(): Promise<void>
}

/**
 * All of a tenant in one tar: first what is in it, with the hash of each entry, then its rows, then its
 * files of the lake, which are kept from the sweeper until the end. The bytes are made as they are read;
 * rows are written to the scratch folder before, so that no transaction waits for a slow reader.
 */
export async function exportTenant(parts: ArchiveParts, tenant: Tenant): Promise<TenantArchive> {
  const { catalog, clock, ids, log, random, scratchFolder } = parts
  const id = ids.next('archive')
  const folder = join(scratchFolder, id)
  const hold = () => catalog.asTenant(tenant, (session) => holdFiles(session, id, HOLD_MS))
  let closed: Promise<void> | null = null
  const close = () => (closed ??= closeAll())
  async function closeAll(): Promise<void> {
    await rm(folder, { recursive: true, force: true })
    await catalog.asTenant(tenant, (session) => releaseFiles(session, id))
  }
  try {
    await catalog.asTenant(tenant, async (session) => {
      await holdFiles(session, id, HOLD_MS)
      // By its key a restore knows the rules of this tenant again, also those that come after this.
      await subjectKey(session, random)
    })
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const madeAt = clock.now().toISOString()
    const collected = await catalog.asTenant(tenant, (session) =>
      collectTenant(session, folder, { madeAt, millraceVersion: millraceVersion() }),
    )
    const { manifest } = collected
    const head = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`)
    const sizeBytes = [
      tarBytes(MANIFEST_PATH, head.length),
      ...manifest.entries.map((entry) => tarBytes(entry.path, entry.sizeBytes)),
      TAR_END.length,
    ].reduce((sum, bytes) => sum + bytes, 0)
    return {
      fileName: `${tenant.slug}.millrace.tar`,
      sizeBytes,
      manifest,
      open(signal) {
        const bytes = archiveBytes(parts, collected, { head, hold, signal })
        const stream = Readable.from(closedAtEnd(bytes, close), { objectMode: false })
        // A generator that nobody has begun to read ends without its `finally`.
        stream.once('close', () => {
          close().catch((error: unknown) => log.warn('closing an archive', { error }))
        })
        return stream
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

interface Reading {
  readonly head: Buffer
  hold(): Promise<void>
  readonly signal: AbortSignal | undefined
}

/** The stream ends when everything is closed, so whoever has waited for its end may close the rest. */
async function* closedAtEnd(
  bytes: AsyncIterable<Buffer>,
  close: () => Promise<void>,
): AsyncGenerator<Buffer> {
  try {
    yield* bytes
  } finally {
    await close()
  }
}

async function* archiveBytes(
  { lake, clock }: ArchiveParts,
  { manifest, spooled, files }: Collected,
  { head, hold, signal }: Reading,
): AsyncGenerator<Buffer> {
  const modifiedS = Date.parse(manifest.madeAt) / 1000
  yield tarHead(MANIFEST_PATH, head.length, modifiedS)
  yield head
  yield tarPadding(head.length)
  let renewedMs = clock.monotonicMs()
  for (const entry of manifest.entries) {
    signal?.throwIfAborted()
    if (clock.monotonicMs() - renewedMs > RENEW_EVERY_MS) {
      await hold()
      renewedMs = clock.monotonicMs()
    }
    yield tarHead(entry.path, entry.sizeBytes, modifiedS)
    const file = files.get(entry.path)
    const copies = lake.hold()
    try {
      const path = file ? await copies.localPath(file, signal) : spooled.get(entry.path)
      yield* checkedBytes(entry, path ?? '')
    } finally {
      await copies.release()
    }
    yield tarPadding(entry.sizeBytes)
  }
  yield TAR_END
}

/** Exactly the bytes that the manifest promised, or an error before their end. */
async function* checkedBytes(entry: ManifestEntry, path: string): AsyncGenerator<Buffer> {
  const hash = createHash('sha256')
  let left = entry.sizeBytes
  for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Buffer
    left -= bytes.length
    if (left < 0) break
    hash.update(bytes)
    if (left > 0) yield bytes
    else {
      const found = hash.digest('hex')
      if (found === entry.sha256) yield bytes
      else throw damaged(entry, found)
    }
  }
  if (left !== 0) throw damaged(entry, 'another size')
}

function damaged({ path, sha256 }: ManifestEntry, found: string): MillraceError {
  return new MillraceError('file-damaged', { path, expected: `sha256:${sha256}`, found })
}
