import { z } from 'zod'

import { callersTraffic } from '#catalog/endpoint-traffic.ts'
import { listKeys } from '#catalog/keys.ts'
import { lookAtBuckets } from '#catalog/rates.ts'
import { keyPageFields } from '#operations/keys/list-input.ts'
import { defineOperation } from '#operations/operation.ts'

const HOURS = 24

export const useOfKeys = defineOperation({
  name: 'keys.use',
  summary:
    'How much of its rate each API key uses, and its requests for rows by hour; newest first',
  permission: 'admin',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/keys/use' },
  input: z.strictObject(keyPageFields),
  output: z.object({
    keys: z.array(
      z.object({
        key: z.string(),
        perMinute: z.int(),
        burst: z.int(),
        /** Requests that it may send at this moment; `burst` after a pause. */
        left: z.int(),
        /** Of the last 24 hours, oldest first; those without a request are left out. */
        hours: z.array(z.object({ hour: z.iso.datetime(), requests: z.int(), refused: z.int() })),
      }),
    ),
    /** `after` of the next page; null: this is the last one. */
    next: z.string().nullable(),
  }),
  async handler({ limit, ...asked }, { parts, caller }) {
    const { tenant, access } = caller
    const { ids, next, traffic } = await parts.catalog.asTenant(tenant, async (session) => {
      // One more tells whether there is another page.
      const page = await listKeys(session, { ...asked, limit: limit + 1 })
      const found = page.slice(0, limit).map(({ id }) => id)
      const callers = found.map((id) => `key ${id}`)
      const { endpoints } = access
      return {
        ids: found,
        next: page.length > limit ? (found.at(-1) ?? null) : null,
        traffic: await callersTraffic(session, { callers, endpoints, hours: HOURS }),
      }
    })
    const owners = ids.map((subject) => ({ kind: 'key', tenantId: tenant.id, subject }) as const)
    const buckets = await parts.catalog.asSystem((session) => lookAtBuckets(session, owners))
    const hoursOf = Map.groupBy(traffic, ({ caller: name }) => name)
    return {
      keys: ids.flatMap((key, place) => {
        const bucket = buckets[place]
        if (!bucket) return []
        const { perMinute, burst, tokens } = bucket
        const hours = (hoursOf.get(`key ${key}`) ?? []).map(({ hour, requests, refused }) => ({
          hour: hour.toISOString(),
          requests,
          refused,
        }))
        return { key, perMinute, burst, left: Math.floor(tokens), hours }
      }),
      next,
    }
  },
})
