import type { Clock } from '#kernel/clock.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { deleteObjects } from '#object-storage/delete-objects.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import { putObject } from '#object-storage/upload.ts'
import type { Tenant } from '#model/tenant.ts'
import { MillraceError } from '#kernel/errors.ts'
import { signedHeaders } from '#tasks/signed-message.ts'
import type { TargetParts } from '#targets/open-targets.ts'
import { identifier } from '#targets/postgres-columns.ts'
import { withPostgres } from '#targets/postgres-connection.ts'
import { locationOf, openTargetSession, refusedBy } from '#targets/s3-target.ts'
import { readTargetOptions, type TargetKind } from '#targets/target-options.ts'

export interface Tried {
  readonly place: string
  /** What was done there, in words. */
  readonly did: string
}

type Parts = TargetParts & { readonly catalog: Catalog; readonly clock: Clock }

/**
 * Does at the place what a delivery would do, and takes it back. Throws what the delivery would:
 * `egress-denied`, `target-unreachable`, `target-refused`.
 */
export async function tryTarget(
  parts: Parts,
  tenant: Tenant,
  { name, kind }: { readonly name: string; readonly kind: TargetKind },
  signal: AbortSignal,
): Promise<Tried> {
  switch (kind) {
    case 's3':
      return tryS3(parts, tenant, name, signal)
    case 'postgres':
      return tryPostgres(parts, tenant, name, signal)
    case 'webhook':
      return tryWebhook(parts, tenant, name, signal)
  }
}

async function tryS3(
  parts: Parts,
  tenant: Tenant,
  name: string,
  signal: AbortSignal,
): Promise<Tried> {
  const options = await readTargetOptions(parts, 's3')(tenant, name)
  const session = await openTargetSession(parts, options)
  const file = {
    tenant,
    delivery: 'test',
    fence: 0,
    fileName: 'test.txt',
    path: '',
    format: 'csv' as const,
    rows: 0,
    sizeBytes: 0,
    sha256: '',
    columns: [],
    receipt: 'test',
    asOf: parts.clock.now(),
    commitNumber: 0,
  }
  const at = locationOf(options.location, undefined, file)
  try {
    await putObject(session, at, Buffer.from('millrace'), { ifFree: false, signal })
    await deleteObjects(session, at.bucket, [at.key]).catch(() => {})
    return { place: formatS3Location(at), did: 'wrote an object there and took it away again' }
  } catch (error) {
    signal.throwIfAborted()
    throw refusedBy(at, error)
  } finally {
    session.client.destroy()
  }
}

async function tryPostgres(
  parts: Parts,
  tenant: Tenant,
  name: string,
  signal: AbortSignal,
): Promise<Tried> {
  const { databaseUrl, schema = 'public' } = await readTargetOptions(parts, 'postgres')(
    tenant,
    name,
  )
  return withPostgres(parts.egress, { url: databaseUrl }, signal, async (client) => {
    const { rows } = await client.query<{ database: string; version: string }>(
      `SELECT current_database() AS database, current_setting('server_version') AS version`,
    )
    await client.query('BEGIN')
    await client.query(`CREATE TABLE ${identifier(schema)}.millrace_test (id int)`)
    await client.query('ROLLBACK')
    const [found] = rows
    return {
      place: `${found?.database ?? ''}.${schema}`,
      did: `made a table in PostgreSQL ${found?.version ?? ''} and took it back`,
    }
  })
}

async function tryWebhook(
  parts: Parts,
  tenant: Tenant,
  name: string,
  signal: AbortSignal,
): Promise<Tried> {
  const { url, signingSecret } = await readTargetOptions(parts, 'webhook')(tenant, name)
  const place = new URL(url).host
  const body = JSON.stringify({ test: true, target: name })
  const headers = signedHeaders({ id: `test_${name}`, body, secret: signingSecret }, parts.clock)
  const { status } = await parts.egress.request({ method: 'POST', url, headers, body, signal })
  if (status >= 200 && status < 300) return { place, did: `was answered ${status}` }
  throw new MillraceError('target-refused', { place, message: `it answered ${status}` })
}
