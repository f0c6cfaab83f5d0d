import { z } from 'zod'

import { embedThemes, type Embed } from '#catalog/embeds.ts'
import { MillraceError } from '#kernel/errors.ts'
import { chartField } from '#operations/deliveries/chart-field.ts'
import type { OutputOf } from '#operations/operation.ts'

export const embedField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'embed' })
  .describe('Id of the view: `emb_…`.')

export const embedData = z
  .object({
    id: z.string(),
    title: z.string(),
    endpoint: z.string(),
    /** Null: the one that the tenant gets. */
    version: z.int().nullable(),
    parameters: z.record(z.string(), z.string()),
    where: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    select: z.array(z.string()).nullable(),
    sort: z.array(z.string()).nullable(),
    /** Each link for a viewer says a value of these. */
    viewerValues: z.array(z.string()),
    /** Null: a table. */
    chart: z.record(z.string(), z.unknown()).nullable(),
    theme: z.enum(embedThemes),
    origins: z.array(z.string()),
    state: z.enum(['open', 'expired', 'revoked']),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    revokedAt: z.iso.datetime().nullable(),
    /** Exact to the minute; null: nobody has looked at it yet. */
    lastSeenAt: z.iso.datetime().nullable(),
  })
  .meta({ entity: 'EmbeddedView' })

export function toEmbedData(embed: Embed): OutputOf<typeof embedData> {
  const { id, title, asked, viewerValues, chart, theme, origins, createdBy, isOpen } = embed
  return {
    id,
    title,
    endpoint: asked.endpoint,
    version: asked.version,
    parameters: { ...asked.parameters },
    where: Object.fromEntries(
      Object.entries(asked.where).map(([column, said]) => [
        column,
        typeof said === 'string' ? said : [...said],
      ]),
    ),
    select: asked.select && [...asked.select],
    sort: asked.sort && [...asked.sort],
    viewerValues: [...viewerValues],
    chart: chart && { ...chart },
    theme,
    origins: [...origins],
    state: isOpen ? 'open' : embed.revokedAt === null ? 'expired' : 'revoked',
    createdBy,
    createdAt: embed.createdAt.toISOString(),
    expiresAt: embed.expiresAt.toISOString(),
    revokedAt: embed.revokedAt?.toISOString() ?? null,
    lastSeenAt: embed.lastSeenAt?.toISOString() ?? null,
  }
}

export const chartOf = chartField.optional().describe('What is drawn; default: a table.')

const ORIGIN =
  /^https?:\/\/(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:]{2,39}\])(?::\d{1,5})?$/

/** As browsers write it, and as a header may hold it. Throws `embed-origin`. */
export function originOf(given: string): string {
  const refuse = (problem: string): never => {
    throw new MillraceError('embed-origin', { origin: given.slice(0, 200), problem })
  }
  const url = URL.parse(given)
  if (url === null) return refuse('it is no address')
  if (url.origin !== given.replace(/\/$/, '').toLowerCase()) {
    return refuse(
      'it says more than scheme, host and port, or has a name that browsers write otherwise',
    )
  }
  if (!ORIGIN.test(url.origin)) return refuse('it is no address of http or https without wildcards')
  return url.origin
}
