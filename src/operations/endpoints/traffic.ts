import { z } from 'zod'

import { endpointTraffic } from '#catalog/endpoint-traffic.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  toTrafficData,
  trafficData,
  trafficFields,
  trafficFilter,
} from '#operations/endpoints/traffic-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const endpointTrafficOperation = defineOperation({
  name: 'endpoints.traffic',
  summary: 'Requests for rows of endpoints by hour, version and caller, newest first',
  permission: 'read',
  home: 'directory',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/endpoint-traffic' },
  input: z.strictObject({
    ...trafficFields,
    limit: z.int().min(1).max(1000).default(100).describe('Most hours of the answer.'),
    after: z.string().max(600).optional().describe('Goes on behind a page: its `next`.'),
  }),
  output: z.object({
    hours: z.array(trafficData),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ limit, after, ...given }, { parts, caller }) {
    const filter = trafficFilter(given, caller)
    if (filter === null) return { hours: [], next: null }
    const place = { after: after === undefined ? null : toPlace(after), limit: limit + 1 }
    const found = await parts.directory.asTenant(caller.tenant, (session) =>
      endpointTraffic(session, filter, place),
    )
    const page = found.slice(0, limit).map(toTrafficData)
    const last = page.at(-1)
    const isMore = found.length > limit && last !== undefined
    return { hours: page, next: isMore ? toText(last) : null }
  },
})

interface Place {
  readonly hour: string
  readonly endpoint: string
  readonly version: number
  readonly caller: string
}

const placeData = z.tuple([z.iso.datetime(), z.string(), z.int(), z.string()])

/** Names nothing but the reader's own rows, so that it needs no signature. */
function toText({ hour, endpoint, version, caller }: Place): string {
  return Buffer.from(JSON.stringify([hour, endpoint, version, caller])).toString('base64url')
}

function toPlace(text: string) {
  try {
    const given: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
    const [hour, endpoint, version, caller] = placeData.parse(given)
    return { hour: new Date(hour), endpoint, version, caller }
  } catch {
    throw new MillraceError('input-invalid', { path: 'after', message: 'is no `next` of a page' })
  }
}
