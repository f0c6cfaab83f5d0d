import { z } from 'zod'

import { listOperators } from '#catalog/operators.ts'
import { defineOperation } from '#operations/operation.ts'

export const listOperatorsOperation = defineOperation({
  name: 'operators.list',
  summary: 'Operators of the deployment',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/operators' },
  input: z.strictObject({}),
  output: z.object({
    operators: z.array(
      z.object({ id: z.string(), email: z.string(), name: z.string(), hasTotp: z.boolean() }),
    ),
  }),
  async handler(_input, { parts }) {
    const operators = await parts.catalog.asSystem(listOperators)
    return { operators: operators.map(({ userId, ...operator }) => ({ id: userId, ...operator })) }
  },
})
