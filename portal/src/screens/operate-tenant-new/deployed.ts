import { useQuery } from '@tanstack/react-query'

import type { MillraceError } from '#sdk/error.ts'
import { callOperation } from '~/api/client.ts'

export interface DeployedPack {
  readonly name: string
  readonly sources: readonly string[]
  /** Of these, those whose files a tenant can have somewhere else. */
  readonly located: readonly string[]
  readonly analyses: readonly string[]
  readonly endpoints: readonly string[]
}

/** What can be given to a tenant: the packs of the deployment that is in use. */
export function useDeployedPacks() {
  return useQuery<readonly DeployedPack[], MillraceError>({
    queryKey: ['call', null, 'deployments.show', 'newest'],
    queryFn: async ({ signal }) => {
      const { deployments } = await callOperation(
        null,
        'deployments.list',
        { limit: 1 },
        { signal },
      )
      const [newest] = deployments
      if (!newest) return []
      const { datasets, endpoints } = await callOperation(
        null,
        'deployments.show',
        { deployment: newest.id },
        { signal },
      )
      return newest.packs.map(({ name }) => {
        const own = datasets.filter(({ pack }) => pack === name)
        const of = (kind: string) => own.filter((one) => one.kind === kind).map((one) => one.name)
        return {
          name,
          sources: of('source'),
          located: own.filter(({ hasLocation }) => hasLocation).map((one) => one.name),
          analyses: of('analysis'),
          endpoints: endpoints.filter(({ pack }) => pack === name).map((one) => one.name),
        }
      })
    },
  })
}
