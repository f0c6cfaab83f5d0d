import { join } from 'node:path'

import type { Config } from '#app/config.ts'
import type { S3Access } from '#object-storage/s3-client.ts'

/** Where the lake is: an absolute folder or `s3://…`. */
export function lakePlace(config: Config): string {
  return config.lake ?? join(config.home, 'lake')
}

/** How the lake's S3 server is reached; the library finds credentials by itself where none are set. */
export function lakeAccess(config: Config): S3Access {
  const { awsAccessKeyId, awsSecretAccessKey, awsSessionToken } = config
  return {
    endpoint: config.s3Endpoint ?? config.awsEndpoint ?? undefined,
    region: config.s3Region ?? config.awsRegion ?? undefined,
    ...(awsAccessKeyId !== null &&
      awsSecretAccessKey !== null && {
        credentials: {
          accessKeyId: awsAccessKeyId,
          secretAccessKey: awsSecretAccessKey,
          sessionToken: awsSessionToken ?? undefined,
        },
      }),
  }
}
