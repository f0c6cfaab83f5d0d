import assert from 'node:assert/strict'
import { test } from 'node:test'

import { admit } from '#graphql/call.ts'
import type { GraphContext } from '#graphql/context.ts'
import { graphLimits } from '#graphql/graph-limits.ts'
import { MillraceError } from '#kernel/errors.ts'

test('the first operation is paid for by the request, the others one by one, and they end', async () => {
  let spent = 0
  const context = { calls: 0, spend: async () => void spent++ } as unknown as GraphContext
  for (let at = 0; at < graphLimits.calls; at++) await admit(context)
  assert.equal(spent, graphLimits.calls - 1)
  await assert.rejects(admit(context), (error) => {
    return error instanceof MillraceError && error.code === 'query-too-large'
  })
  assert.equal(spent, graphLimits.calls - 1)
})
