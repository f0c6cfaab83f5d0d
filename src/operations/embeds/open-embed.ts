import { embedPlace, getEmbed, noteEmbedSeen, type Embed } from '#catalog/embeds.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { tenantStanding } from '#catalog/tenant-states.ts'
import { MillraceError } from '#kernel/errors.ts'
import { remember } from '#kernel/remember.ts'
import type { Tenant } from '#model/tenant.ts'
import {
  embedSecretPlace,
  isLinkOf,
  LINK_PURPOSE,
  readSigned,
} from '#operations/embeds/embed-token.ts'
import type { Parts } from '#operations/parts.ts'

/** A view that was revoked, or whose tenant was suspended, is refused after this time at the latest. */
const REMEMBERED = { forMs: 500, most: 10_000 }
const ID = /^emb_[0-9a-z]{16}$/
const SIGNED_HOURS_MAX = 24

interface Known {
  readonly tenant: Tenant
  readonly embed: Embed
  readonly isActive: boolean
}

const lookUps = new WeakMap<Catalog, (id: string) => Promise<Known | null>>()

function lookUpOf({
  directory,
  clock,
}: Pick<Parts, 'directory' | 'clock'>): (id: string) => Promise<Known | null> {
  const known = lookUps.get(directory)
  if (known) return known
  const opened = remember(clock, REMEMBERED, async (id): Promise<Known | null> => {
    const place = await embedPlace(directory, id)
    if (!place) return null
    const { tenant } = place
    const embed = await directory.asTenant(tenant, (session) => getEmbed(session, id))
    const standing = await directory.asSystem((session) => tenantStanding(session, tenant.id))
    if (embed?.isOpen) await noteEmbedSeen(directory, tenant, id)
    return embed && { tenant, embed, isActive: standing?.state === 'active' }
  })
  lookUps.set(directory, opened)
  return opened
}

/** Origins whose pages may frame a view; none for one that is not there. */
export async function embedOrigins(
  parts: Pick<Parts, 'directory' | 'clock'>,
  id: string,
): Promise<readonly string[]> {
  const known = ID.test(id) ? await lookUpOf(parts)(id) : null
  return known?.embed.origins ?? []
}

export interface OpenedEmbed {
  readonly tenant: Tenant
  readonly embed: Embed
  /** Of the viewer that the link was signed for. */
  readonly values: Readonly<Record<string, string>>
}

/**
 * The view that a token opens. Whatever is wrong with it is answered alike, `embed-unknown`; only
 * whoever has a token that was good is told that the view has ended (`embed-ended`), and whoever has
 * the secret what their link lacks (`embed-values`, `embed-lifetime`).
 */
export async function openEmbed(
  parts: Pick<Parts, 'directory' | 'clock' | 'secrets'>,
  id: string,
  token: string,
): Promise<OpenedEmbed> {
  const known = ID.test(id) ? await lookUpOf(parts)(id) : null
  if (!known) throw new MillraceError('embed-unknown')
  const { tenant, embed, isActive } = known
  const isOpen = embed.isOpen && isActive
  const nowSeconds = parts.clock.now().getTime() / 1000
  if (isLinkOf(token, parts.secrets.keysFor(LINK_PURPOSE), { tenant, ...embed })) {
    // Each viewer needs a link of his own: this one says nothing of whom it is for.
    if (embed.viewerValues.length > 0) throw new MillraceError('embed-unknown')
    if (!isOpen || embed.expiresAt.getTime() / 1000 <= nowSeconds) {
      throw new MillraceError('embed-ended')
    }
    return { tenant, embed, values: {} }
  }
  const claims = readSigned(token, () =>
    parts.secrets.open(embed.secret, embedSecretPlace(tenant.id, id)),
  )
  if (!claims) throw new MillraceError('embed-unknown')
  if (!isOpen || claims.exp <= nowSeconds) throw new MillraceError('embed-ended')
  const hours = (claims.exp - nowSeconds) / 3600
  if (hours > SIGNED_HOURS_MAX) {
    const max = SIGNED_HOURS_MAX
    throw new MillraceError('embed-lifetime', { hours: Math.ceil(hours), max })
  }
  return { tenant, embed, values: valuesOf(embed, claims.values) }
}

function valuesOf(
  { viewerValues }: Embed,
  given: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const lacking = viewerValues.find((name) => !Object.hasOwn(given, name))
  if (lacking !== undefined) {
    throw new MillraceError('embed-values', { problem: `it has no value of ${lacking}` })
  }
  const beyond = Object.keys(given).find((name) => !viewerValues.includes(name))
  if (beyond !== undefined) {
    const problem = `it has a value of ${beyond.slice(0, 100)}, which the view does not leave open`
    throw new MillraceError('embed-values', { problem })
  }
  return given
}
