import { z } from 'zod'

import { listMail, mailStates } from '#catalog/mail.ts'
import { mailData, mailIdField, toMailData } from '#operations/mail/mail-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listMailOperation = defineOperation({
  name: 'mail.list',
  summary: 'Mail that was sent for the tenant, and how it came out, newest first',
  permission: 'admin',
  rest: { method: 'GET', path: '/v1/mail' },
  input: z.strictObject({
    state: z.enum(mailStates).optional().describe('Only mail in this state.'),
    after: mailIdField.optional().describe('Go on after this mail, the last of the former page.'),
    limit: z.int().min(1).max(1000).default(100).describe('Most mails of a page.'),
  }),
  output: z.object({
    mail: z.array(mailData),
    /** For `after` of the next page; null: this was the last. */
    next: z.string().nullable(),
  }),
  async handler({ state = null, after = null, limit }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listMail(session, { state, after, limit: limit + 1 }),
    )
    const mail = found.slice(0, limit)
    return {
      mail: mail.map(toMailData),
      next: found.length > limit ? (mail.at(-1)?.id ?? null) : null,
    }
  },
})
