import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'

export const testMail = defineOperation({
  name: 'mail.test',
  summary: 'Send a mail to see whether mail gets through; `mail.list` says how it came out',
  permission: 'operator',
  audit: ['to'],
  rest: { method: 'POST', path: '/v1/mail/test' },
  input: z.strictObject({ to: z.string().min(3).max(254).describe('Address to send it to.') }),
  output: z.object({ mail: z.string() }),
  argumentFields: ['to'],
  async handler({ to }, { parts, caller }) {
    const mail = await parts.catalog.asTenant(caller.tenant, (session) =>
      parts.mailer.queue(session, {
        to: { address: to },
        template: 'test',
        data: { by: caller.name },
      }),
    )
    if (mail === null) throw new MillraceError('mail-off')
    return { mail }
  },
})
