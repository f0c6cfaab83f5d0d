import type { Catalog } from '#catalog/catalog.ts'
import { deliveryOfKey, getDelivery, type Delivery } from '#catalog/deliveries.ts'
import { insertDelivery, releaseKey, type NewDelivery } from '#catalog/delivery-tasks.ts'
import type { TenantSession } from '#catalog/session.ts'
import { spendQuota } from '#catalog/usage.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Random } from '#kernel/random.ts'
import { fileWish, type DeliveryTarget } from '#model/delivery.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Secrets } from '#secrets/secrets.ts'
import type { Deliveries, DeliveryAsker, DeliveryWish } from '#serving/deliveries/deliveries.ts'
import { isTokenOf, linkSecretPlace, linkToken } from '#serving/deliveries/link.ts'
import { storeQuestion } from '#serving/deliveries/stored-question.ts'
import type { Question } from '#serving/question.ts'
import type { Receipt } from '#serving/receipt.ts'

export interface DeliveriesParts {
  readonly catalog: Catalog
  readonly secrets: Secrets
  readonly random: Random
  readonly ids: Ids
  /** Where people reach this deployment, for links. */
  publicUrl(): string
  readonly keepMs: number
  /** Beside files. */
  readonly targets: ReadonlyMap<string, DeliveryTarget>
}

const LINK_BYTES = 32

export function openDeliveries(parts: DeliveriesParts): Deliveries {
  const { catalog, secrets, targets } = parts

  function secretOf(tenant: Tenant, { id, state, target, linkSecret }: Delivery): string | null {
    if (linkSecret === null || state !== 'ready' || target.kind !== fileWish.kind) return null
    return secrets.open(linkSecret, linkSecretPlace(tenant.id, id))
  }

  return {
    targets,

    async begin(asker, asked, wish) {
      const fresh = newDelivery(parts, asker, asked, wish)
      return catalog.asTenant(asker.tenant, (session) => insertOnce(session, fresh, wish))
    },

    linkOf(tenant, delivery) {
      const secret = secretOf(tenant, delivery)
      if (secret === null || isUsedUp(delivery)) return null
      const token = linkToken(secret, tenant, delivery.id)
      const place = `${parts.publicUrl().replace(/\/+$/, '')}/v1/deliveries/${delivery.id}/download`
      return `${place}?token=${encodeURIComponent(token)}`
    },

    async byLink(tenant, id, token) {
      const delivery = await catalog.asTenant(tenant, (session) => getDelivery(session, id))
      const secret = delivery && secretOf(tenant, delivery)
      if (!delivery || secret === null || !isTokenOf(token, secret, tenant, id)) return null
      return isUsedUp(delivery) ? null : delivery
    },
  }
}

function isUsedUp({ downloads, downloadsMax }: Delivery): boolean {
  return downloadsMax !== null && downloads >= downloadsMax
}

function newDelivery(
  parts: DeliveriesParts,
  asker: DeliveryAsker,
  { question, receipt }: { readonly question: Question; readonly receipt: Receipt },
  wish: DeliveryWish,
): NewDelivery {
  const { secrets, random, ids, targets, keepMs } = parts
  const { tenant, name: askedBy, access, email } = asker
  const { cells, target = fileWish, idempotencyKey } = wish
  const kind = targets.get(target.kind)
  if (target.kind !== fileWish.kind && !kind) {
    const known = [fileWish.kind, ...targets.keys()]
    throw new MillraceError('delivery-target-unknown', { target: target.kind, known })
  }
  const id = ids.next('dlv')
  const format = kind?.format ?? wish.format
  // A mail without its link would be of no use: that there is no key is said at once then.
  const isMailed = (wish.mail?.length ?? 0) > 0
  const hasLink = target.kind === fileWish.kind && (isMailed || secrets.currentKeyId !== null)
  const secret = Buffer.from(random.bytes(LINK_BYTES)).toString('base64url')
  const artefactId = artefactOf(receipt, format, cells)
  const notify = {
    mail: wish.mail ?? (email === null ? [] : [email]),
    attach: wish.attach ?? false,
    callbackUrl: wish.callbackUrl ?? null,
    ...(wish.chart && { chart: wish.chart }),
  }
  const downloadsMax = wish.downloadsMax ?? null
  const request = { artefactId, target, notify, downloadsMax, keepMs: wish.keepMs ?? null }
  const requestHash = sha256(canonicalJson(request))
  return {
    id,
    askedBy,
    access,
    question: storeQuestion(question),
    receiptId: receipt.id,
    commitNumber: receipt.commitNumber,
    asOf: receipt.asOf,
    completeness: receipt.completeness,
    title: wish.title.replace(/[^\w.-]+/g, '_').slice(0, 100) || 'rows',
    format,
    cells,
    target,
    notify,
    artefactId,
    dedupeKey:
      idempotencyKey === null
        ? null
        : idempotencyKey === undefined
          ? sha256(canonicalJson(['same', askedBy, requestHash]))
          : `key ${idempotencyKey}`,
    requestHash,
    keepMs: wish.keepMs ?? keepMs,
    rowsExpected: wish.rowsExpected ?? null,
    linkSecret: hasLink ? secrets.seal(secret, linkSecretPlace(tenant.id, id)) : null,
    downloadsMax,
  }
}

/** The bytes of an answer in one form. Cells matter to texts for spreadsheets alone. */
function artefactOf(receipt: Receipt, format: string, cells: string): string {
  const text = canonicalJson(['artefact 1', receipt.id, format, format === 'csv' ? cells : 'raw'])
  return sha256(text).slice(0, 32)
}

const LIVING: readonly string[] = ['queued', 'running', 'ready']

async function insertOnce(
  session: TenantSession,
  fresh: NewDelivery,
  { idempotencyKey }: DeliveryWish,
): Promise<Delivery> {
  const { dedupeKey } = fresh
  if (dedupeKey !== null) {
    const known = await deliveryOfKey(session, dedupeKey)
    if (known && known.requestHash !== fresh.requestHash) {
      throw new MillraceError('delivery-key-reused', { key: idempotencyKey ?? '' })
    }
    if (known && (idempotencyKey !== undefined || LIVING.includes(known.state))) return known
    if (known) await releaseKey(session, known.id)
  }
  const isNew = await insertDelivery(session, fresh)
  if (isNew) await spendQuota(session, 'exports')
  const made =
    isNew || dedupeKey === null
      ? await getDelivery(session, fresh.id)
      : await deliveryOfKey(session, dedupeKey)
  if (made) return made
  throw new MillraceError('internal', { message: `delivery ${fresh.id} has no row` })
}
