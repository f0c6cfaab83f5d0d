import { z } from 'zod'

import { listDeployments } from '#catalog/deployments.ts'
import { deploymentData, toDeploymentData } from '#operations/deployments/deployment-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listDeploymentsOperation = defineOperation({
  name: 'deployments.list',
  summary: 'What was deployed, newest first: the first one is current',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/deployments' },
  input: z.strictObject({
    limit: z.int().min(1).max(1_000).default(20).describe('Most deployments to list.'),
  }),
  output: z.object({ deployments: z.array(deploymentData) }),
  async handler({ limit }, { parts }) {
    const all = await parts.catalog.asSystem((session) => listDeployments(session, limit))
    return { deployments: all.map(toDeploymentData) }
  },
})
