import { z } from 'zod'

import type { Deployment } from '#catalog/deployments.ts'

export const deploymentData = z
  .object({
    id: z.int(),
    /** SHA-256 of the code, as runs name it. */
    codeHash: z.string(),
    createdAt: z.iso.datetime(),
    message: z.string(),
    by: z.string(),
    packs: z.array(
      z.object({ name: z.string(), datasets: z.int(), tasks: z.int(), endpoints: z.int() }),
    ),
  })
  .meta({ entity: 'Deployment' })

export function toDeploymentData(deployment: Deployment): z.input<typeof deploymentData> {
  const { id, codeHash, createdAt, message, deployedBy, packs } = deployment
  return {
    id,
    codeHash,
    createdAt: createdAt.toISOString(),
    message,
    by: deployedBy,
    packs: packs.map(({ name, datasets, tasks, endpoints = 0 }) => ({
      name,
      datasets,
      tasks,
      endpoints,
    })),
  }
}

export const deploymentField = z
  .int()
  .min(1)
  .meta({ names: 'deployment' })
  .describe('Number of the deployment.')
