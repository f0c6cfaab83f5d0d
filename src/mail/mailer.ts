import { insertMail } from '#catalog/mail.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { spendQuota } from '#catalog/usage.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Ids } from '#kernel/ids.ts'
import { isMailAddress, oneLine } from '#mail/mail-text.ts'
import { mailTemplates, type TemplateData, type TemplateName } from '#mail/templates.ts'
import { secretPlace } from '#secrets/secret-place.ts'
import type { Secrets } from '#secrets/secrets.ts'

export interface NewLetter<Name extends TemplateName> {
  readonly to: { readonly address: string; readonly name?: string | undefined }
  readonly template: Name
  readonly data: TemplateData<Name>
}

/** Writes mail into the outbox; `startMailSender` sends it. */
export interface Mailer {
  /** False: no server for mail is set, nothing is ever sent, and links are shown to whoever asked. */
  readonly isOn: boolean
  /**
   * Queues one mail in the caller's transaction, so that it goes out if and only if that is committed:
   * of the tenant, or with a system session of the deployment. Its id; null where mail is off.
   * Throws `mail-address-invalid`, `quota-exceeded`, and `secret-key-none` for a mail with a link.
   */
  queue<Name extends TemplateName>(
    session: TenantSession | SystemSession,
    letter: NewLetter<Name>,
  ): Promise<string | null>
}

const NAME_MAX = 100

export function createMailer(parts: {
  readonly isOn: boolean
  readonly secrets: Secrets
  readonly ids: Ids
}): Mailer {
  const { isOn, secrets, ids } = parts
  return {
    isOn,
    async queue(session, { to, template, data }) {
      if (!isMailAddress(to.address)) {
        throw new MillraceError('mail-address-invalid', { address: oneLine(to.address) })
      }
      if (!isOn) return null
      if ('tenant' in session) await spendQuota(session, 'mails')
      const id = ids.next('mail')
      const tenantId = 'tenant' in session ? session.tenant.id : null
      const hidden: readonly string[] = mailTemplates[template].secret
      const isHidden = ([name]: readonly [string, unknown]) => hidden.includes(name)
      const fields = Object.entries(data)
      const secret = JSON.stringify(Object.fromEntries(fields.filter(isHidden)))
      await insertMail(session, {
        id,
        recipient: to.address,
        recipientName: to.name === undefined ? null : oneLine(to.name, NAME_MAX) || null,
        template,
        data: Object.fromEntries(fields.filter((field) => !isHidden(field))),
        sealed: hidden.length === 0 ? null : secrets.seal(secret, sealedPlace(tenantId, id)),
      })
      return id
    },
  }
}

/** Where the secret data of a mail lie. */
export function sealedPlace(tenantId: number | null, id: string) {
  return secretPlace(tenantId, 'mail.sealed', id)
}
