import type { S3Client } from '@aws-sdk/client-s3'

import type { ConnectorContext } from '#connectors/connector.ts'
import type { S3Options } from '#connectors/s3/s3-options.ts'

/** The library takes a quarter of a second to load: only who reads from S3 waits for it. */
export const loadS3 = () => import('@aws-sdk/client-s3')
export type S3Library = Awaited<ReturnType<typeof loadS3>>

/** What every request needs. */
export interface S3Session {
  readonly client: S3Client
  readonly options: S3Options
  readonly context: ConnectorContext
}

const CONNECT_TIMEOUT_MS = 5_000

/**
 * A client that tries once: retries are ours (see tries.ts), so that one budget covers headers and
 * bodies alike, and checksums are compared over the whole object (see object-checksum.ts).
 */
export function createS3Client(
  { S3Client }: S3Library,
  options: S3Options,
  { agents }: Pick<ConnectorContext, 'agents'>,
): S3Client {
  return new S3Client({
    region: options.region ?? 'us-east-1',
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    forcePathStyle: options.pathStyle ?? options.endpoint !== undefined,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      ...(agents
        ? { httpAgent: agents.http, httpsAgent: agents.https }
        : { httpAgent: { keepAlive: true }, httpsAgent: { keepAlive: true } }),
    },
    ...authentication(options),
  })
}

function authentication(options: S3Options) {
  const { accessKeyId, secretAccessKey, sessionToken } = options
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    const token = sessionToken === undefined ? {} : { sessionToken }
    return { credentials: { accessKeyId, secretAccessKey, ...token } }
  }
  // The library finds the machine's own credentials by itself when it is given none.
  if (options.awsEnvironment) return {}
  return {
    credentials: { accessKeyId: 'anonymous', secretAccessKey: 'anonymous' },
    signer: { sign: <T>(request: T) => Promise.resolve(request) },
  }
}
