import type {
  Connector,
  ConnectorContext,
  ConnectorType,
  FetchRequest,
  FetchResult,
  ListOptions,
  ObjectInfo,
} from '#connectors/connector.ts'
import { receiveFile } from '#connectors/receive-file.ts'
import { headObject } from '#connectors/s3/head-object.ts'
import type { Head } from '#connectors/s3/head-object.ts'
import { listSources } from '#connectors/s3/list-sources.ts'
import { verifyObject } from '#connectors/s3/object-checksum.ts'
import { receiveObject } from '#connectors/s3/receive-object.ts'
import { refusal } from '#connectors/s3/s3-error.ts'
import { parseS3Location } from '#connectors/s3/s3-location.ts'
import { s3Options } from '#connectors/s3/s3-options.ts'
import type { S3Options } from '#connectors/s3/s3-options.ts'
import { openSession } from '#connectors/s3/s3-session.ts'
import type { SourceSession } from '#connectors/s3/s3-session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { formatS3Location } from '#object-storage/s3-location.ts'
import type { S3Location } from '#object-storage/s3-location.ts'

/** Times that one fetch starts over because the object changed or arrived damaged. */
const STARTS_MAX = 3

/** Objects in Amazon S3 and in servers that speak its protocol: `s3://bucket/key`, the key letter by letter. */
export const s3Connector: ConnectorType<S3Options> = {
  name: 's3',
  schemes: ['s3'],
  options: s3Options,
  secretOptions: ['secretAccessKey', 'sessionToken'],
  open: (options, context) => openS3(options, context),
}

function openS3(options: S3Options, context: ConnectorContext): Connector {
  let opened: Promise<SourceSession> | undefined

  async function session(location: string): Promise<SourceSession> {
    if (!options.anonymous && !options.awsEnvironment && options.accessKeyId === undefined) {
      throw new MillraceError('source-credentials-missing', { location })
    }
    return (opened ??= openSession(options, context))
  }

  async function stat(location: string, signal?: AbortSignal): Promise<Head> {
    return headObject(await session(location), parseS3Location(location), signal)
  }

  /** One transfer of one version of the object. */
  async function transfer(at: S3Location, head: Head, request: FetchRequest): Promise<void> {
    const current = await session(request.location)
    await receiveFile(request.toPath, async (path) => {
      await receiveObject(current, at, head.info, request, path)
      await verifyObject(current, at, head, path, request.signal)
    })
  }

  return {
    resolve: (location) => formatS3Location(parseS3Location(location, true)),

    stat: async (location, signal) => (await stat(location, signal)).info,

    async fetch(request): Promise<FetchResult> {
      const at = parseS3Location(request.location)
      for (let starts = 1; ; starts++) {
        const head = await stat(request.location, request.signal)
        // Same cost as If-None-Match, which would answer 304 without the object's size and time.
        if (head.info.etag === request.knownEtag) return { changed: false, info: head.info }
        try {
          await transfer(at, head, request)
          return { changed: true, info: head.info }
        } catch (error) {
          const told = refusal(error, at, options)
          if (starts >= STARTS_MAX || !isWorthAnotherStart(told)) throw told
        }
      }
    },

    async *list(prefix: string, listOptions?: ListOptions): AsyncGenerator<ObjectInfo> {
      const at = parseS3Location(prefix, true)
      yield* listSources(await session(prefix), at, listOptions?.signal)
    },

    async close() {
      // Agents that were handed in are not ours to close, and the client would close them.
      if (context.agents === undefined) (await opened)?.client.destroy()
    },
  }
}

function isWorthAnotherStart(error: unknown): boolean {
  return (
    error instanceof MillraceError && ['source-changing', 'source-damaged'].includes(error.code)
  )
}
