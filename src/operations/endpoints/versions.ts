import { z } from 'zod'

import { endpointUsers } from '#catalog/endpoint-traffic.ts'
import { MillraceError } from '#kernel/errors.ts'
import { isLimited, maySee } from '#model/access.ts'
import { endpointField } from '#operations/endpoints/endpoint-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { changesBetween } from '#serving/endpoint-changes.ts'

const USED_IN_DAYS = 30

export const listVersions = defineOperation({
  name: 'endpoints.versions',
  summary:
    'Versions of an endpoint: what differs from the current one, when they end, who asks for them',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/endpoints/{endpoint}/versions' },
  input: z.strictObject({ endpoint: endpointField }),
  output: z.object({
    endpoint: z.string(),
    /** Null: the tenant has pinned none. */
    pinned: z.int().nullable(),
    versions: z.array(
      z.object({
        version: z.int(),
        state: z.enum(['current', 'former', 'ended']),
        createdAt: z.iso.datetime(),
        replacedAt: z.iso.datetime().nullable(),
        endsAt: z.iso.datetime().nullable(),
        /** What whoever goes from this version to the current one finds different. */
        changes: z.array(
          z.object({
            of: z.enum(['parameter', 'column']),
            name: z.string(),
            change: z.enum(['added', 'removed', 'changed']),
            what: z.string(),
            breaks: z.boolean(),
          }),
        ),
        /** Who of the tenant has asked for it in the last 30 days; empty for a limited caller. */
        usedBy: z.array(
          z.object({ caller: z.string(), requests: z.int(), lastHour: z.iso.datetime() }),
        ),
      }),
    ),
  }),
  async handler({ endpoint }, { parts, caller }) {
    const { tenant, access } = caller
    if (!maySee(access, endpoint)) throw new MillraceError('endpoint-unknown', { endpoint })
    const [versions, pins, users] = await Promise.all([
      parts.endpoints.history(tenant, endpoint),
      parts.endpoints.pins(tenant),
      parts.directory.asTenant(tenant, (session) => endpointUsers(session, endpoint, USED_IN_DAYS)),
    ])
    const current = versions.find(({ isCurrent }) => isCurrent)
    const hidden = access.columns[endpoint]
    const now = parts.clock.now()
    return {
      endpoint,
      pinned: pins.get(endpoint) ?? null,
      versions: versions.map((version) => ({
        version: version.number,
        state: version.isCurrent
          ? ('current' as const)
          : version.endsAt !== null && version.endsAt <= now
            ? ('ended' as const)
            : ('former' as const),
        createdAt: version.createdAt.toISOString(),
        replacedAt: version.replacedAt?.toISOString() ?? null,
        endsAt: version.endsAt?.toISOString() ?? null,
        changes:
          current && current !== version
            ? changesBetween(version, current).filter(
                ({ of, name }) => of === 'parameter' || !hidden || hidden.includes(name),
              )
            : [],
        usedBy: isLimited(access)
          ? []
          : users
              .filter((user) => user.version === version.number)
              .map(({ caller: name, requests, lastHour }) => ({
                caller: name,
                requests,
                lastHour: lastHour.toISOString(),
              })),
      })),
    }
  },
})
