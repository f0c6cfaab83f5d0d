import { open, readFile } from 'node:fs/promises'
import { z } from 'zod'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import type { DeliveryTarget, HandedFile, TargetWish } from '#model/delivery.ts'
import type { Egress } from '#egress/egress.ts'
import { answerOf } from '#object-storage/s3-answer.ts'
import { createS3Client, loadS3, type S3Session } from '#object-storage/s3-client.ts'
import { formatS3Location, type S3Location } from '#object-storage/s3-location.ts'
import { putObject } from '#object-storage/upload.ts'
import { uploadInParts } from '#object-storage/upload-in-parts.ts'
import type { TargetOptions, TargetOptionsOf } from '#targets/target-options.ts'

export const s3Wish = z.strictObject({
  location: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('Path below the one of the target: `{title}/{date}.{format}`.'),
})

interface Wish extends TargetWish {
  readonly kind: 's3'
  readonly target: string
  readonly options: z.output<typeof s3Wish>
}

export interface S3TargetParts {
  readonly egress: Pick<Egress, 'httpAgent' | 'httpsAgent'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
}

const DEFAULT_PATH = '{title}/{date}-{receipt}.{format}'
const PART_BYTES = 16 * 1024 * 1024
const PARALLEL_PARTS = 2

/**
 * A file under a name of somebody's own bucket. S3 shows an object when all of it is there; the same
 * delivery writes the same bytes under the same name again.
 */
export function createS3Target(
  parts: S3TargetParts,
  optionsOf: TargetOptionsOf<TargetOptions<'s3'>>,
): DeliveryTarget<Wish> {
  return {
    kind: 's3',
    format: null,
    async handOver(file, wish, { signal, onProgress }) {
      const options = await optionsOf(file.tenant, wish.target)
      const session = await openTargetSession(parts, options)
      const at = locationOf(options.location, wish.options.location, file)
      try {
        await send(session, at, file, signal)
      } catch (error) {
        signal.throwIfAborted()
        throw refusedBy(at, error)
      } finally {
        session.client.destroy()
      }
      onProgress({ rows: file.rows, bytes: file.sizeBytes })
      return { place: formatS3Location(at), target: wish.target, sha256: file.sha256 }
    },
  }
}

export async function openTargetSession(
  { egress, clock, random, log }: S3TargetParts,
  options: TargetOptions<'s3'>,
): Promise<S3Session> {
  const { region, endpoint, pathStyle, accessKeyId, secretAccessKey, sessionToken } = options
  const signed = accessKeyId !== undefined && secretAccessKey !== undefined
  return {
    client: createS3Client(await loadS3(), {
      region,
      endpoint,
      pathStyle,
      agents: { http: egress.httpAgent, https: egress.httpsAgent },
      // Never what this machine has of its own: the bucket is the customer's.
      credentials: signed ? { accessKeyId, secretAccessKey, sessionToken } : 'anonymous',
    }),
    maxAttempts: 4,
    idleTimeoutMs: 30_000,
    clock,
    random,
    log,
    unreachable: ({ location, reason, cause }) =>
      new MillraceError('target-unreachable', { place: location, message: reason }, { cause }),
  }
}

async function send(
  session: S3Session,
  at: S3Location,
  { path, sizeBytes, sha256 }: HandedFile,
  signal: AbortSignal,
): Promise<void> {
  if (sizeBytes <= PART_BYTES) {
    await putObject(session, at, await readFile(path), { ifFree: false, sha256, signal })
    return
  }
  await using file = await open(path)
  await uploadInParts(session, {
    at,
    file,
    sizeBytes,
    partBytes: PART_BYTES,
    parallelParts: PARALLEL_PARTS,
    ifFree: false,
    signal,
    accept() {},
  })
}

/** `{tenant}`, `{title}`, `{date}`, `{receipt}`, `{delivery}` and `{format}` stand for what they say. */
export function locationOf(
  base: string,
  wanted: string | undefined,
  { tenant, delivery, fileName, format, receipt, asOf }: HandedFile,
): S3Location {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(base) ?? []
  const hasName = wanted === undefined && /\{\w+\}/.test(prefix)
  const path = hasName ? prefix : `${prefix.replace(/\/*$/, '/')}${wanted ?? DEFAULT_PATH}`
  const values: Readonly<Record<string, string>> = {
    tenant: tenant.slug,
    title: fileName.replace(/\.\w+$/, ''),
    // Of what it holds, so that a second try finds the same name.
    date: asOf.toISOString().slice(0, 10),
    receipt,
    delivery,
    format,
  }
  const key = path.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
  const odd = /\{\w*\}|(^|\/)\.\.(\/|$)/.exec(key)
  if (odd) {
    const message = `its path holds ${odd[0]}: {tenant} {title} {date} {receipt} {delivery} {format} are known`
    throw new MillraceError('target-refused', { place: base, message })
  }
  return { bucket, key: key.replace(/^\/+/, '') }
}

export function refusedBy(at: S3Location, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error
  const { status, code } = answerOf(error)
  const message = code === '' ? String(error) : `${code} (${status})`
  return new MillraceError(
    'target-refused',
    { place: formatS3Location(at), message },
    { cause: error },
  )
}
