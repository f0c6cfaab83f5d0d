import type { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'

import type { S3Client } from '@aws-sdk/client-s3'

import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'

/** The library takes a quarter of a second to load: only who speaks to S3 waits for it. */
export const loadS3 = () => import('@aws-sdk/client-s3')
type S3Library = Awaited<ReturnType<typeof loadS3>>

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** Where a server is, and who asks. */
export interface S3Access {
  /** Default `us-east-1`. */
  readonly region?: string | undefined
  /** Address of a server that is not Amazon's. */
  readonly endpoint?: string | undefined
  /** The bucket is part of the path, not of the host name; default: with an endpoint. */
  readonly pathStyle?: boolean | undefined
  /** Left out: what the library finds on this machine and renews by itself (environment, profile, role). */
  readonly credentials?: S3Credentials | 'anonymous' | undefined
  /** Agents that guard calls to user-given addresses; without them: Node's own. */
  readonly agents?: { readonly http: HttpAgent; readonly https: HttpsAgent } | undefined
}

/** What every request needs. */
export interface S3Session {
  readonly client: S3Client
  /** Tries of a request before it counts as unreachable. */
  readonly maxAttempts: number
  /** A server that sends nothing for so long is asked again. */
  readonly idleTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  /** The error for a request whose tries are used up. */
  unreachable(about: Unreachable): Error
}

export interface Unreachable {
  /** As in `s3://bucket/key`. */
  readonly location: string
  readonly tries: number
  /** One line for people. */
  readonly reason: string
  readonly cause: unknown
}

export const DEFAULT_REGION = 'us-east-1'
const CONNECT_TIMEOUT_MS = 5_000

/**
 * A client that tries once: retries are ours (see tries.ts), so that one budget covers headers and
 * bodies alike, and checksums are compared over the whole object.
 */
export function createS3Client({ S3Client }: S3Library, access: S3Access): S3Client {
  const { region, endpoint, pathStyle, agents } = access
  return new S3Client({
    region: region ?? DEFAULT_REGION,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: pathStyle ?? endpoint !== undefined,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      ...(agents
        ? { httpAgent: agents.http, httpsAgent: agents.https }
        : { httpAgent: { keepAlive: true }, httpsAgent: { keepAlive: true } }),
    },
    ...authentication(access.credentials),
  })
}

function authentication(credentials: S3Access['credentials']) {
  if (credentials === undefined) return {}
  if (credentials === 'anonymous') {
    return {
      credentials: { accessKeyId: 'anonymous', secretAccessKey: 'anonymous' },
      signer: { sign: <T>(request: T) => Promise.resolve(request) },
    }
  }
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const token = sessionToken === undefined ? {} : { sessionToken }
  return { credentials: { accessKeyId, secretAccessKey, ...token } }
}
