import type { Catalog } from '#catalog/catalog.ts'
import { claimMail, nextMailMs, settleMail, sweepMail, type ClaimedMail } from '#catalog/mail.ts'
import { startOutbox, type OutboxWorker } from '#catalog/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import { backoffMs } from '#kernel/retry.ts'
import type { Letter } from '#mail/letter.ts'
import { sealedPlace } from '#mail/mailer.ts'
import { renderLetter } from '#mail/render-letter.ts'
import { MailRefused, type Smtp } from '#mail/smtp.ts'
import { mailTemplates } from '#mail/templates.ts'
import type { Secrets } from '#secrets/secrets.ts'

export interface MailSenderParts {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly secrets: Secrets
  readonly smtp: Smtp
}

const SLOTS = 4
/** Longer than the longest try. */
const LEASE_MS = 180_000
const BACKOFF = { firstMs: 30_000, factor: 3, ceilingMs: 3_600_000 }
const KEEP_MS = 30 * 86_400_000

/**
 * Sends what the outbox holds, at least once: a sender that dies after the server has taken a mail
 * over leaves it to be sent again, under the same message id. What is refused for good bounces at
 * once; anything else is tried for two days.
 */
export function startMailSender(parts: MailSenderParts): OutboxWorker {
  const { smtp } = parts
  return startOutbox<ClaimedMail>(parts, {
    name: 'mail',
    slots: SLOTS,
    claim: (session, max) => claimMail(session, { max, leaseMs: LEASE_MS, domain: smtp.domain }),
    nextMs: nextMailMs,
    carryOut: (mail, signal) => carryOut(parts, mail, signal),
    sweep: (session, max) => sweepMail(session, KEEP_MS, max),
  })
}

async function carryOut(
  parts: MailSenderParts,
  mail: ClaimedMail,
  signal: AbortSignal,
): Promise<void> {
  const failure = await send(parts, mail, signal)
  const state = await parts.catalog.asSystem((session) => settleMail(session, mail, failure))
  if (state !== 'bounced' && state !== 'failed') return
  const { id, tenantId, template, number } = mail
  parts.log.warn('a mail did not arrive', { mail: id, tenantId, template, state, tries: number })
}

/** Null: it was taken over. */
async function send(
  { clock, random, secrets, smtp }: MailSenderParts,
  mail: ClaimedMail,
  signal: AbortSignal,
): Promise<{ error: string; delayMs: number | null } | null> {
  try {
    const { recipient: address, recipientName: name, messageId } = mail
    const letter = renderLetter(letterOf(mail, secrets))
    await smtp.send({ ...letter, to: { address, name }, messageId, date: clock.now() }, signal)
    return null
  } catch (thrown) {
    if (signal.aborted) return { error: 'the server was stopping', delayMs: 0 }
    const isFinal = thrown instanceof MailRefused && thrown.isFinal
    const error = thrown instanceof Error ? thrown.message : String(thrown)
    return { error, delayMs: isFinal ? null : backoffMs(BACKOFF, mail.number, random) }
  }
}

function letterOf(mail: ClaimedMail, secrets: Secrets): Letter {
  const { id, tenantId, template, data, sealed } = mail
  const found = Object.entries(mailTemplates).find(([name]) => name === template)?.[1]
  if (!found) {
    const message = `this program knows no mail of the kind "${template}"`
    throw new MillraceError('internal', { message })
  }
  const hidden = sealed === null ? '{}' : secrets.open(sealed, sealedPlace(tenantId, id))
  const fields = { ...data, ...(JSON.parse(hidden) as Record<string, unknown>) }
  // Written by `mailer.queue`, which had the template's own type.
  return (found.letter as (data: unknown) => Letter)(fields)
}
