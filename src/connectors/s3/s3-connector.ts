import type { Connector, ConnectorType } from '#connectors/connector.ts'
import { s3Options } from '#connectors/s3/s3-options.ts'
import type { S3Options } from '#connectors/s3/s3-options.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Objects in Amazon S3 and in servers that speak its protocol: `s3://bucket/key`, the key letter by letter. */
export const s3Connector: ConnectorType<S3Options> = {
  name: 's3',
  schemes: ['s3'],
  options: s3Options,
  open(): Connector {
    throw new MillraceError('internal', { message: 'not written yet' })
  },
}
