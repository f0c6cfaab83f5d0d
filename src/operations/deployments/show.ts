import { z } from 'zod'

import { currentDeployment, deploymentById } from '#catalog/deployments.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  deploymentData,
  deploymentField,
  toDeploymentData,
} from '#operations/deployments/deployment-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const showDeployment = defineOperation({
  name: 'deployments.show',
  summary: 'A deployment with the code version of each of its datasets and tasks',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/deployments/{deployment}' },
  input: z.strictObject({ deployment: deploymentField }),
  output: z.object({
    deployment: deploymentData,
    current: z.boolean(),
    datasets: z.array(
      z.object({
        pack: z.string(),
        name: z.string(),
        kind: z.string(),
        codeVersion: z.string(),
        /** A source whose files a tenant can have somewhere else. */
        hasLocation: z.boolean(),
      }),
    ),
    endpoints: z.array(z.object({ pack: z.string(), name: z.string(), codeVersion: z.string() })),
    tasks: z.array(z.object({ pack: z.string(), name: z.string(), codeVersion: z.string() })),
  }),
  async handler({ deployment: id }, { parts }) {
    const { found, newest } = await parts.catalog.asSystem(async (session) => ({
      found: await deploymentById(session, id),
      newest: await currentDeployment(session),
    }))
    if (!found) throw new MillraceError('deployment-unknown', { deployment: id })
    const packs = await parts.deployments.packsOf(found.codeHash)
    return {
      deployment: toDeploymentData(found),
      current: newest?.id === found.id,
      datasets: packs.flatMap(({ name: pack, datasets }) =>
        datasets.map((dataset) => ({
          pack,
          name: dataset.name,
          kind: dataset.kind,
          codeVersion: dataset.codeVersion,
          hasLocation: dataset.kind === 'source' && !dataset.reference && !dataset.append,
        })),
      ),
      endpoints: packs.flatMap(({ name: pack, endpoints }) =>
        endpoints.map(({ name, codeVersion }) => ({ pack, name, codeVersion })),
      ),
      tasks: packs.flatMap(({ name: pack, tasks }) =>
        tasks.map(({ name, codeVersion }) => ({ pack, name, codeVersion })),
      ),
    }
  },
})
