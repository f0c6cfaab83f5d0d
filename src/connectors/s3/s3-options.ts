import { z } from 'zod'

/** A tenant's options for `s3:` locations. Without keys, `anonymous` or `awsEnvironment` nothing is signed or sent. */
export const s3Options = z
  .strictObject({
    region: z.string().min(1).optional().describe("the bucket's region; default us-east-1"),
    endpoint: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe("address of a server that is not Amazon's, such as http://127.0.0.1:9000"),
    pathStyle: z
      .boolean()
      .optional()
      .describe('the bucket is part of the path, not of the host name; default: with an endpoint'),
    anonymous: z.boolean().optional().describe('read a public bucket without signing'),
    accessKeyId: z.string().min(1).optional().describe('access key'),
    secretAccessKey: z.string().min(1).optional().describe('secret of the access key'),
    sessionToken: z.string().min(1).optional().describe('token of temporary credentials'),
    awsEnvironment: z
      .boolean()
      .optional()
      .describe("use this machine's own AWS credentials (environment, profile, role)"),
    maxAttempts: z
      .int()
      .min(1)
      .max(100)
      .default(6)
      .describe('tries of a request before it counts as unreachable'),
    idleTimeoutMs: z
      .int()
      .min(10)
      .default(20_000)
      .describe('a server that sends nothing for so long is asked again'),
    partBytes: z
      .int()
      .min(1024)
      .default(8 * 1024 * 1024)
      .describe('size of the ranges that are read side by side'),
    parallelParts: z.int().min(1).max(32).default(6).describe('ranges that are read side by side'),
    etagIsMd5: z
      .boolean()
      .default(true)
      .describe(
        'compare with the MD5 in the ETag; false for servers that put something else there',
      ),
  })
  .refine((given) => (given.accessKeyId === undefined) === (given.secretAccessKey === undefined), {
    path: ['secretAccessKey'],
    message: 'accessKeyId and secretAccessKey come together',
  })
  .refine(
    (given) =>
      [given.anonymous, given.awsEnvironment, given.accessKeyId].filter(Boolean).length <= 1,
    { path: ['anonymous'], message: 'choose one of anonymous, awsEnvironment and accessKeyId' },
  )

export type S3Options = z.output<typeof s3Options>
