import type { ConnectorContext } from '#connectors/connector.ts'
import type { S3Options } from '#connectors/s3/s3-options.ts'
import { MillraceError } from '#kernel/errors.ts'
import { createS3Client, loadS3 } from '#object-storage/s3-client.ts'
import type { S3Access, S3Session } from '#object-storage/s3-client.ts'

/** What every request of this connector needs. */
export interface SourceSession extends S3Session {
  readonly options: S3Options
}

export async function openSession(
  options: S3Options,
  context: ConnectorContext,
): Promise<SourceSession> {
  const { clock, random, log } = context
  const { maxAttempts, idleTimeoutMs } = options
  return {
    client: createS3Client(await loadS3(), accessOf(options, context)),
    options,
    maxAttempts,
    idleTimeoutMs,
    clock,
    random,
    log,
    unreachable: ({ location, tries, reason, cause }) =>
      new MillraceError('source-unreachable', { location, tries, reason }, { cause }),
  }
}

function accessOf(options: S3Options, { agents }: ConnectorContext): S3Access {
  const { region, endpoint, pathStyle, accessKeyId, secretAccessKey, sessionToken } = options
  const place = { region, endpoint, pathStyle, agents }
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { ...place, credentials: { accessKeyId, secretAccessKey, sessionToken } }
  }
  return options.awsEnvironment ? place : { ...place, credentials: 'anonymous' }
}
