import { z } from 'zod'

import { mailStates, type MailInfo } from '#catalog/mail.ts'

/** A mail without its data, and so without any link. */
export const mailData = z
  .object({
    id: z.string(),
    to: z.string(),
    template: z.string(),
    state: z.enum(mailStates),
    attempts: z.number(),
    /** Of the newest try that came to nothing. */
    error: z.string().nullable(),
    createdAt: z.iso.datetime(),
    nextTryAt: z.iso.datetime().nullable(),
    endedAt: z.iso.datetime().nullable(),
  })
  .meta({ entity: 'Mail' })

export function toMailData(mail: MailInfo): z.input<typeof mailData> {
  const { id, recipient: to, template, state, attempts, error } = mail
  return {
    id,
    to,
    template,
    state,
    attempts,
    error,
    createdAt: mail.createdAt.toISOString(),
    nextTryAt: mail.nextAt?.toISOString() ?? null,
    endedAt: mail.endedAt?.toISOString() ?? null,
  }
}

export const mailIdField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'mail' })
  .describe('Id of the mail: `mail_…` as the list shows it.')
