import { testLake } from '#lake/conformance.ts'
import { buildS3Lake } from '../../test/support/s3-lake.ts'
import { useS3Server } from '../../test/support/s3-server.ts'

const server = useS3Server()

testLake({
  name: 'on S3',
  test: (title, body) => server.test(title, body),
  everyBit: 13,
  build: (t) => buildS3Lake(t, server),
})
