import { z } from 'zod'

import { rememberCode } from '#catalog/code.ts'
import { deploymentData, toDeploymentData } from '#operations/deployments/deployment-data.ts'
import { defineOperation } from '#operations/operation.ts'

const BUNDLE_BYTES_MAX = 30_000_000
const sha256Field = z.string().regex(/^[0-9a-f]{64}$/)

export const createDeployment = defineOperation({
  name: 'deployments.create',
  summary:
    'Make a bundle of packs what every server and worker runs; `millrace deploy` makes bundles',
  permission: 'operator',
  audit: ['message'],
  rest: { method: 'POST', path: '/v1/deployments', bodyBytesMax: BUNDLE_BYTES_MAX },
  input: z.strictObject({
    bundle: z.string().min(1).describe('The bundle, as `millrace deploy` writes it.'),
    message: z.string().max(500).default('').describe('What changes, for the list.'),
    texts: z
      .array(
        z.strictObject({
          textSha256: sha256Field,
          codeVersion: sha256Field,
          reads: z.array(z.string().max(200)).max(1_000),
        }),
      )
      .max(10_000)
      .default([])
      .describe('Source texts that were read for the first time, with their code versions.'),
  }),
  output: z.object({
    deployment: deploymentData,
    /** False: it was current already. */
    changed: z.boolean(),
  }),
  async handler({ bundle, message, texts }, { parts, caller }) {
    const bytes = new TextEncoder().encode(bundle)
    const why = { message, by: caller.name }
    const { deployment, changed } = await parts.deployments.deploy(bytes, why)
    if (texts.length > 0) {
      await parts.catalog.asSystem((session) => rememberCode(session, texts))
    }
    return { deployment: toDeploymentData(deployment), changed }
  },
})
