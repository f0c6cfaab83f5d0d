import { z } from 'zod'

import { loadAcceptances } from '#catalog/accepted.ts'
import { acceptanceData, toAcceptanceData } from '#operations/acceptances/acceptance-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listAcceptances = defineOperation({
  name: 'acceptances.list',
  summary: 'Changes of code that were declared harmless, by whom and why',
  permission: 'read',
  home: 'directory',
  rest: { method: 'GET', path: '/v1/acceptances' },
  input: z.strictObject({}),
  output: z.object({ acceptances: z.array(acceptanceData) }),
  async handler(_input, { parts, caller }) {
    const names = parts.factory.datasets.map(({ name }) => name)
    const acceptances = await parts.catalog.asTenant(caller.tenant, (session) =>
      loadAcceptances(session, names),
    )
    return { acceptances: acceptances.map(toAcceptanceData) }
  },
})
