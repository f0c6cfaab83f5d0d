import { readFile } from 'node:fs/promises'

import type { Delivery } from '#catalog/deliveries.ts'
import { databaseNow, type Artefact } from '#catalog/delivery-tasks.ts'
import type { TenantSession } from '#catalog/session.ts'
import { toMillraceError } from '#kernel/errors.ts'
import { fileWish } from '#model/delivery.ts'
import { contentTypeOf } from '#serving/deliveries/content-type.ts'
import type { MailPicture } from '#serving/deliveries/mail-picture.ts'
import type { DeliveryWorkParts } from '#serving/deliveries/work-parts.ts'
import type { Completeness } from '#serving/receipt.ts'

/** The file in base64 where it is to be sent along and small enough; else empty. */
export async function readAttachment(
  { lake, attachBytes, mailer }: DeliveryWorkParts,
  { notify }: Delivery,
  artefact: Artefact,
  signal: AbortSignal,
): Promise<string> {
  if (!notify.attach || notify.mail.length === 0 || !mailer.isOn) return ''
  if (artefact.sizeBytes > attachBytes) return ''
  return readFile(await lake.localPath(artefact, signal), 'base64')
}

/**
 * Puts a mail for each address into the outbox; their ids. A tenant that has had its mails of the day
 * gets its rows all the same.
 */
export async function queueMails(
  { deliveries, mailer, log }: DeliveryWorkParts,
  session: TenantSession,
  {
    delivery,
    artefact,
    attachment,
    picture,
    placed,
  }: {
    readonly delivery: Delivery
    readonly artefact: Artefact
    readonly attachment: string
    readonly picture: MailPicture | null
    readonly placed: Readonly<Record<string, unknown>> | null
  },
): Promise<string[]> {
  const { tenant } = session
  const { notify, keepMs, title, format, target } = delivery
  if (notify.mail.length === 0 || !mailer.isOn) return []
  const now = await databaseNow(session)
  const expiresAt = new Date(now.getTime() + keepMs)
  const link = deliveries.linkOf(tenant, { ...delivery, state: 'ready' }) ?? ''
  const place = placed?.['place']
  const { expected, published } = delivery.completeness as Completeness
  const data = {
    tenant: tenant.slug,
    title,
    fileName: `${title}.${format}`,
    contentType: contentTypeOf(format),
    rows: artefact.rows.toLocaleString('en'),
    size: sizeText(artefact.sizeBytes),
    asOf: delivery.asOf.toISOString(),
    receipt: delivery.receiptId,
    missing: published < expected ? `${expected - published} of ${expected} parts` : '',
    until: expiresAt.toISOString(),
    downloads: often(delivery.downloadsMax),
    place: target.kind === fileWish.kind ? '' : typeof place === 'string' ? place : target.kind,
    link,
    file: attachment,
    ...picture,
  }
  const ids: string[] = []
  for (const address of notify.mail) {
    try {
      const id = await mailer.queue(session, { to: { address }, template: 'delivery-ready', data })
      if (id !== null) ids.push(id)
    } catch (error) {
      if (toMillraceError(error).code !== 'quota-exceeded') throw error
      log.warn('a delivery is not told by mail', { delivery: delivery.id, error })
      break
    }
  }
  return ids
}

function often(downloadsMax: number | null): string {
  if (downloadsMax === null) return ''
  return downloadsMax === 1 ? 'once' : `${downloadsMax} times`
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`
  const [amount, unit] =
    bytes < 1e6 ? [bytes / 1e3, 'kB'] : bytes < 1e9 ? [bytes / 1e6, 'MB'] : [bytes / 1e9, 'GB']
  return `${amount.toFixed(1)} ${unit}`
}
