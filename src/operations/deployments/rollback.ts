import { z } from 'zod'

import {
  deploymentData,
  deploymentField,
  toDeploymentData,
} from '#operations/deployments/deployment-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const rollbackDeployment = defineOperation({
  name: 'deployments.rollback',
  summary: 'Make the code of an earlier deployment current again',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/deployments/{deployment}/rollback' },
  input: z.strictObject({ deployment: deploymentField }),
  output: z.object({ deployment: deploymentData, changed: z.boolean() }),
  async handler({ deployment: id }, { parts, caller }) {
    const { deployment, changed } = await parts.deployments.rollback(id, caller.name)
    return { deployment: toDeploymentData(deployment), changed }
  },
})
