import { z } from 'zod'

import { embedThemes } from '#catalog/embeds.ts'
import { tenantSettings } from '#catalog/tenant-settings.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { embedQuestion } from '#operations/embeds/embed-question.ts'
import { openEmbed } from '#operations/embeds/open-embed.ts'
import { whereDataAre } from '#operations/embeds/where-data-are.ts'
import { defineOpenOperation } from '#operations/operation.ts'
import type { EndpointVersion } from '#model/endpoint.ts'

const ROWS = 1000

export const viewEmbed = defineOpenOperation({
  name: 'embeds.view',
  summary: 'What a view shows, for whoever has its link: that one answer and nothing else',
  permission: 'anyone',
  audit: 'none',
  rest: { method: 'POST', path: '/v1/embeds/{embed}/view' },
  input: z.strictObject({
    embed: z.string().min(1).max(100).describe('Id of the view, as the link has it.'),
    token: z
      .string()
      .min(1)
      .max(10_000)
      .meta({ secret: true })
      .describe('What the link proves itself by: all behind its #.'),
  }),
  output: z.object({
    title: z.string(),
    /** Null: a table. */
    chart: z.record(z.string(), z.unknown()).nullable(),
    theme: z.enum(embedThemes),
    /** Colour of the tenant's pages; null: Millrace's own. */
    colour: z.string().nullable(),
    timeZone: z.string(),
    locale: z.string(),
    /** Whose pages may frame it. */
    origins: z.array(z.string()),
    columns: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        description: z.string().nullable(),
        unit: z.string().nullable(),
      }),
    ),
    rows: z.array(z.record(z.string(), z.unknown())),
    /** There are more rows than these. */
    isCut: z.boolean(),
    asOf: z.iso.datetime(),
    /** Partitions that it is made of, and how many there should be. */
    completeness: z.object({ expected: z.int(), published: z.int() }),
    /** Changes when the rows do. */
    receipt: z.string(),
    expiresAt: z.iso.datetime(),
  }),
  async handler({ embed: id, token }, { parts, signal }) {
    const { tenant, embed, values } = await openEmbed(parts, id, token)
    const asker = { tenant, access: embed.access }
    const beganMs = parts.clock.monotonicMs()
    let version: EndpointVersion | null = null
    const note = (about: { error?: unknown; rows?: number; bytes?: number }) => {
      if (version === null || signal.aborted) return
      const { error, rows = 0, bytes = 0 } = about
      parts.traffic.note(tenant, {
        endpoint: version.definition.name,
        version: version.number,
        caller: `embed ${id}`,
        error: error === undefined ? null : toMillraceError(error).entry.kind,
        isCached: false,
        rows,
        bytes,
        ms: parts.clock.monotonicMs() - beganMs,
      })
    }
    const settings = await parts.directory.asTenant(tenant, tenantSettings)
    try {
      const question = await embedQuestion(parts, asker, embed.asked, values)
      version = question.subject.version
      const { columns: notes } = version.definition
      const { answer, page } = await whereDataAre(parts, tenant, async (own) => {
        const found = await own.answers.ask(asker, question, signal)
        const request = { limit: ROWS, cursor: null, format: 'json', cells: 'raw' } as const
        return { answer: found, page: await found.page(request, signal) }
      })
      note({ rows: page.rows, bytes: page.bytes.byteLength })
      const { receipt, completeness } = answer
      return {
        title: embed.title,
        chart: embed.chart && { ...embed.chart },
        theme: embed.theme,
        colour: settings.branding.colour ?? null,
        timeZone: settings.timeZone,
        locale: settings.locale,
        origins: [...embed.origins],
        columns: answer.columns.map(({ name, type }) => {
          const told = notes.find((one) => one.name === name.toLowerCase())
          return {
            name,
            type,
            description: told?.description ?? null,
            unit: told?.unit ?? null,
          }
        }),
        rows: parseExactJson(new TextDecoder().decode(page.bytes)) as Record<string, unknown>[],
        isCut: page.next !== null,
        asOf: receipt.asOf.toISOString(),
        completeness: { expected: completeness.expected, published: completeness.published },
        receipt: receipt.id,
        expiresAt: embed.expiresAt.toISOString(),
      }
    } catch (error) {
      note({ error })
      // What the endpoint is called, and that it is gone, is nothing for whoever reads the page.
      if (toMillraceError(error).code.startsWith('endpoint-')) {
        throw new MillraceError('embed-ended', {}, { cause: error })
      }
      throw error
    }
  },
})
