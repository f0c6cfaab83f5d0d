import { z } from 'zod'

import { noteLookUp, rulesOf } from '#catalog/subject-rules.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  collectionStates,
  scopeOf,
  seenData,
  subjectInput,
  toSeenData,
} from '#operations/subjects/subject-fields.ts'

export const showSubject = defineOperation({
  name: 'subjects.show',
  summary: 'Where something is published about one subject; the look-up stands in the audit log',
  permission: 'read',
  rest: { method: 'POST', path: '/v1/subjects/{kind}/show', bodyBytesMax: 700_000 },
  argumentFields: ['value'],
  input: subjectInput,
  output: seenData.extend({
    kind: z.string(),
    collection: z.enum(collectionStates),
    collectionSince: z.string().nullable(),
    places: z.array(
      seenData.extend({ dataset: z.string(), isSource: z.boolean(), partition: z.string() }),
    ),
  }),
  async handler({ kind, value }, { parts, caller, signal }) {
    const scope = scopeOf(parts, caller, kind, signal)
    const rule = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await noteLookUp(session)
      return (await rulesOf(session, kind, [value])).get(value) ?? null
    })
    const traced = await parts.subjects.trace(scope, value)
    if (traced.length === 0 && rule === null) throw new MillraceError('subject-unknown', { kind })
    const sources = new Set(
      scope.datasets.filter((dataset) => dataset.kind === 'source').map(({ name }) => name),
    )
    const places = traced.map(({ dataset, partition, ...figures }) => ({
      dataset,
      isSource: sources.has(dataset),
      partition,
      ...toSeenData(figures),
    }))
    const inSources = traced.filter(({ dataset }) => sources.has(dataset))
    const times = inSources.flatMap(({ firstMs, lastMs }) => [firstMs, lastMs])
    const known = times.filter((ms) => ms !== null)
    const whole = {
      rows: inSources.reduce((sum, { rows }) => sum + rows, 0),
      firstMs: known.length === 0 ? null : Math.min(...known),
      lastMs: known.length === 0 ? null : Math.max(...known),
    }
    return {
      kind,
      ...toSeenData(whole),
      collection: rule?.state ?? ('on' as const),
      collectionSince: rule?.since.toISOString() ?? null,
      places,
    }
  },
})
