import type { z } from 'zod'

import type { Look, Tone } from '#cli/render/look.ts'
import { renderTable, type Cell } from '#cli/render/table.ts'
import { formatAge, formatUntil } from '#cli/render/units.ts'
import type { embedData } from '#operations/embeds/embed-data.ts'
import type { listEmbedsOperation } from '#operations/embeds/list.ts'

type EmbedData = z.output<typeof embedData>

const tones: Readonly<Record<EmbedData['state'], Tone>> = {
  open: 'good',
  expired: 'notice',
  revoked: 'bad',
}

const columns = [
  { title: 'view', fixed: true },
  { title: 'title', tone: 'strong' },
  { title: '', fixed: true },
  { title: 'ends', fixed: true },
  { title: 'endpoint' },
  { title: 'in pages of' },
  { title: 'seen', fixed: true, tone: 'faint' },
] as const

/** One line a view; the whole of it is in `--json`. */
export function renderEmbeds(
  look: Look,
  { embeds, next }: z.output<(typeof listEmbedsOperation)['output']>,
  now: Date,
): string[] {
  if (embeds.length === 0) return ['  No embedded views: `millrace embeds create --help`.']
  const rows = embeds.map((embed): Cell[] => [
    embed.id,
    embed.title,
    { text: embed.state, tone: tones[embed.state] },
    embed.state === 'open' ? formatUntil(embed.expiresAt, now) : '',
    questionOf(embed),
    embed.origins.join(', '),
    embed.lastSeenAt === null ? 'never' : formatAge(embed.lastSeenAt, now),
  ])
  const more = next === null ? [] : ['', `  More: \`millrace embeds list --after ${next}\`.`]
  return [...renderTable(look, columns, rows), ...more]
}

/** The endpoint with what is fixed of its parameters, and what each link says for itself. */
function questionOf({ endpoint, parameters, viewerValues }: EmbedData): string {
  const fixed = Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
  return [endpoint, ...fixed, ...viewerValues.map((name) => `${name}=…`)].join(' ')
}
