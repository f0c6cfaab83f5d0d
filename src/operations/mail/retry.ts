import { z } from 'zod'

import { getMail, retryMail } from '#catalog/mail.ts'
import { MillraceError } from '#kernel/errors.ts'
import { mailData, mailIdField, toMailData } from '#operations/mail/mail-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const retryMailOperation = defineOperation({
  name: 'mail.retry',
  summary: 'Try mail again that failed or bounced',
  permission: 'admin',
  rest: { method: 'POST', path: '/v1/mail/{mail}/retry' },
  input: z.strictObject({ mail: mailIdField }),
  output: mailData,
  async handler({ mail: id }, { parts, caller }) {
    return parts.catalog.asTenant(caller.tenant, async (session) => {
      const isRetried = await retryMail(session, id)
      const mail = await getMail(session, id)
      if (!mail) throw new MillraceError('mail-unknown', { mail: id })
      if (!isRetried) throw new MillraceError('mail-not-failed', { mail: id, state: mail.state })
      return toMailData(mail)
    })
  },
})
