import { open } from 'node:fs/promises'
import { z } from 'zod'

import type { Connector, ConnectorType, FetchRequest, ObjectInfo } from '#connectors/connector.ts'
import type { KeptObject, KeptObjects } from '#connectors/kept-objects.ts'
import { receiveFile } from '#connectors/receive-file.ts'
import { MillraceError } from '#kernel/errors.ts'
import { writeAll } from '#kernel/write-all.ts'

const trafficOptions = z.strictObject({})
const SCHEME = 'traffic://'

/**
 * The tenant's own endpoint traffic, a day (UTC) an object: `traffic://endpoints/2026/11/22.ndjson`.
 * An address says which day, and nothing that could be said in it or in options names a tenant: an
 * instance reads what it was opened with.
 */
export const trafficConnector: ConnectorType<z.output<typeof trafficOptions>> = {
  name: 'traffic',
  schemes: ['traffic'],
  options: trafficOptions,
  secretOptions: [],
  ofTenant: true,
  open(_options, { kept }): Connector {
    if (!kept)
      throw new MillraceError('internal', { message: 'traffic is read without its tenant' })
    return {
      resolve: (location) => SCHEME + toName(location),
      stat: async (location, signal) => toInfo(await found(kept, toName(location), signal)),
      async fetch(request) {
        const name = toName(request.location)
        const object = await found(kept, name, request.signal)
        if (object.etag === request.knownEtag) return { changed: false, info: toInfo(object) }
        return { changed: true, info: await receive(kept, object, request) }
      },
      async *list(prefix, { signal } = {}) {
        for await (const object of kept.list(toName(prefix), signal)) {
          signal?.throwIfAborted()
          yield toInfo(object)
        }
      },
      close: () => Promise.resolve(),
    }
  },
}

function toName(location: string): string {
  if (location.toLowerCase().startsWith(SCHEME)) return location.slice(SCHEME.length)
  throw new MillraceError('location-invalid', {
    location,
    problem: 'names no traffic',
    hint: 'Write it as traffic://endpoints/{yyyy}/{MM}/{dd}.ndjson.',
  })
}

function toInfo({ name, sizeBytes, etag, modifiedAt }: KeptObject): ObjectInfo {
  return { location: SCHEME + name, sizeBytes, etag, modifiedAt }
}

async function found(kept: KeptObjects, name: string, signal?: AbortSignal): Promise<KeptObject> {
  const object = await kept.find(name, signal)
  if (object) return object
  throw missing(name)
}

function missing(name: string): MillraceError {
  return new MillraceError('object-missing', { location: SCHEME + name })
}

/** Counts go on while they are read: what is returned describes exactly the bytes that were written. */
async function receive(
  kept: KeptObjects,
  object: KeptObject,
  { toPath, onProgress, signal }: FetchRequest,
): Promise<ObjectInfo> {
  let received = toInfo(object)
  await receiveFile(toPath, async (path) => {
    await using target = await open(path, 'wx', 0o600)
    const chunks = kept.read(object.name, signal)
    let sizeBytes = 0
    for (;;) {
      signal?.throwIfAborted()
      const { done, value } = await chunks.next()
      if (done) {
        if (value === null) throw missing(object.name)
        received = toInfo({ ...value, sizeBytes })
        return
      }
      await writeAll(target, value, sizeBytes)
      sizeBytes += value.byteLength
      onProgress?.(sizeBytes, Math.max(sizeBytes, object.sizeBytes))
    }
  })
  return received
}
