import { z } from 'zod'

import { acceptCode, loadAcceptances, servedCodes, type ServedCode } from '#catalog/accepted.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  acceptanceData,
  codeField,
  toAcceptanceData,
} from '#operations/acceptances/acceptance-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'

export const createAcceptance = defineOperation({
  name: 'acceptances.create',
  summary:
    'Declare that a change of code changes no results: what the former code built counts as built with the current one, for all tenants',
  permission: 'operator',
  audit: ['dataset', 'why'],
  rest: { method: 'POST', path: '/v1/acceptances' },
  input: z.strictObject({
    dataset: datasetField,
    why: z.string().min(1).max(1000).describe('Why it is harmless, for those who wonder later.'),
    from: codeField
      .optional()
      .describe('The former code version or its beginning; needed where partitions have several.'),
  }),
  output: z.object({ acceptance: acceptanceData, partitions: z.int(), tenants: z.int() }),
  async handler({ dataset, why, from }, { parts, caller }) {
    const { codeVersion } = definitionOf(parts, dataset)
    const served = await parts.catalog.asSystem((session) => servedCodes(session, dataset))
    const former = formerCode(
      dataset,
      served.filter(({ code }) => code !== codeVersion),
      from,
    )
    const change = { dataset, fromCode: former.code, toCode: codeVersion, why }
    await parts.catalog.asSystem((session) =>
      acceptCode(session, { ...change, acceptedBy: caller.name }),
    )
    parts.log.info('code accepted', { ...change, by: caller.name })
    const acceptances = await parts.catalog.asTenant(caller.tenant, (session) =>
      loadAcceptances(session, [dataset]),
    )
    const made = acceptances.find(
      ({ fromCode, toCode }) => fromCode === former.code && toCode === codeVersion,
    )
    if (!made) throw new MillraceError('acceptance-unknown', { dataset, detail: '' })
    const { partitions, tenants } = former
    return { acceptance: toAcceptanceData(made), partitions, tenants }
  },
})

function formerCode(
  dataset: string,
  served: readonly ServedCode[],
  from: string | undefined,
): ServedCode {
  const fitting = from === undefined ? served : served.filter(({ code }) => code.startsWith(from))
  const [only, ...others] = fitting
  if (!only) {
    const detail = from === undefined ? '' : `, or none with one that begins with ${from}`
    throw new MillraceError('code-not-served', { dataset, detail })
  }
  if (others.length === 0) return only
  const candidates = fitting.map(
    ({ code, partitions, lastBuilt }) =>
      `${code.slice(0, 12)} (${partitions} partitions, last built ${lastBuilt.toISOString().slice(0, 16)})`,
  )
  throw new MillraceError('code-ambiguous', { dataset, candidates })
}
