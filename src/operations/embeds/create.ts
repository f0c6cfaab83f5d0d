import { z } from 'zod'

import { createEmbed, embedThemes } from '#catalog/embeds.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { endpointField, versionField } from '#operations/endpoints/endpoint-data.ts'
import { chartOf, embedData, originOf, toEmbedData } from '#operations/embeds/embed-data.ts'
import { embedQuestion, namesOf } from '#operations/embeds/embed-question.ts'
import {
  embedSecretPlace,
  linkToken,
  LINK_PURPOSE,
  mintEmbedSecret,
} from '#operations/embeds/embed-token.ts'
import { whereDataAre } from '#operations/embeds/where-data-are.ts'
import { defineOperation } from '#operations/operation.ts'
import { questionFields } from '#operations/rows/question-input.ts'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 90
const DAYS_MAX = 3_660

const { where, select, sort } = questionFields

export const createEmbedOperation = defineOperation({
  name: 'embeds.create',
  summary:
    'Show one chart or table of an endpoint in pages of another product; the answer has its link, once',
  permission: 'admin',
  audit: ['title', 'endpoint', 'viewerValues', 'origins', 'expiresAt'],
  rest: {
    method: 'POST',
    path: '/v1/embeds',
    gathers: { where: 'where.', parameters: 'parameters.' },
  },
  input: z.strictObject({
    title: z.string().trim().min(1).max(200).describe('What stands above it.'),
    endpoint: endpointField,
    version: versionField.optional(),
    parameters: z
      .record(z.string().min(1).max(100), z.string().max(10_000))
      .optional()
      .describe("Values of the endpoint's own parameters, which no viewer can change."),
    where,
    select,
    sort,
    viewerValues: z
      .array(z.string().min(1).max(200))
      .max(20)
      .default([])
      .describe(
        'Parameters, or columns that must be equal, of which your own server says the value for each viewer in a link that it signs; with one of these there is no other link.',
      ),
    chart: chartOf,
    theme: z
      .enum(embedThemes)
      .default('auto')
      .describe('`auto`: light or dark, as the reader has it.'),
    origins: z
      .array(z.string().min(1).max(300))
      .min(1)
      .max(20)
      .describe('Whose pages may show it: `https://app.example.com`; nobody else can frame it.'),
    expiresAt: z.iso
      .datetime()
      .optional()
      .describe(`When it ends; default: in ${DEFAULT_DAYS} days.`),
  }),
  output: z.object({
    embed: embedData,
    /** Address of the page for a frame; null where each viewer needs a link of his own. */
    url: z.string().nullable().meta({ secret: true }),
    /** With which your own server signs links for viewers. */
    secret: z.string().meta({ secret: true }),
  }),
  async handler(input, { parts, caller, signal }) {
    const { tenant } = caller
    const [key] = parts.secrets.keysFor(LINK_PURPOSE)
    if (!key) throw new MillraceError('secret-key-none')
    const asked = {
      endpoint: input.endpoint,
      version: input.version ?? null,
      parameters: input.parameters ?? {},
      where: input.where ?? {},
      select: input.select ?? null,
      sort: input.sort ?? null,
    }
    const viewerValues = [...new Set(input.viewerValues)]
    const question = await embedQuestion(parts, caller, asked, {})
    namesOf(question, viewerValues)
    // What cannot be answered is told now, and not to the first viewer.
    if (viewerValues.length === 0) {
      await whereDataAre(parts, tenant, (own) => own.answers.ask(caller, question, signal)).catch(
        (error: unknown) => {
          if (toMillraceError(error).code !== 'rows-unpublished') throw error
        },
      )
    }
    const id = parts.ids.next('emb')
    const secret = mintEmbedSecret(parts.random)
    const embed = await parts.catalog.asTenant(tenant, (session) =>
      createEmbed(session, {
        id,
        title: input.title,
        asked,
        viewerValues,
        chart: input.chart ?? null,
        theme: input.theme,
        origins: [...new Set(input.origins.map(originOf))],
        access: caller.access,
        secret: parts.secrets.seal(secret, embedSecretPlace(tenant.id, id)),
        createdBy: caller.person ? `${caller.name} ${caller.person.email}` : caller.name,
        expiresAt: expiryOf(input.expiresAt, parts.clock.now()),
      }),
    )
    const address = `${parts.publicUrl()}/embed/${id}`
    const token = linkToken(key, { tenant, ...embed })
    return {
      embed: toEmbedData(embed),
      url: viewerValues.length > 0 ? null : `${address}#${token}`,
      secret,
    }
  },
})

function expiryOf(given: string | undefined, now: Date): Date {
  const at = given === undefined ? new Date(now.getTime() + DEFAULT_DAYS * DAY_MS) : new Date(given)
  const aheadMs = at.getTime() - now.getTime()
  if (aheadMs > 0 && aheadMs <= DAYS_MAX * DAY_MS) return at
  const message = aheadMs > 0 ? `is more than ${DAYS_MAX} days ahead` : 'is over already'
  throw new MillraceError('input-invalid', { path: 'expiresAt', message })
}
