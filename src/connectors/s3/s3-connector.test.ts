import { testConnector } from '#connectors/conformance.ts'
import { s3Connector } from '#connectors/s3/s3-connector.ts'
import { testKeys, useS3Server } from '../../../test/support/s3-server.ts'

const server = useS3Server()
let places = 0

for (const [name, login, acl] of [
  ['s3 with keys', testKeys, 'private'],
  ['s3 anonymously', { anonymous: true }, 'public-read'],
] as const) {
  testConnector({
    name,
    skip: server.skip,
    async open(_t, context) {
      const bucket = await server.bucket(`place-${++places}`)
      const options = s3Connector.options.parse({ endpoint: server.endpoint, ...login })
      return {
        connector: s3Connector.open(options, context),
        base: `s3://${bucket}/`,
        put: (key, bytes) => server.put(bucket, key, bytes, { ACL: acl }),
      }
    },
  })
}
