import { hostname } from 'node:os'

import type { Config } from '#app/config.ts'
import { openSmtp, type Smtp } from '#mail/smtp.ts'

/** The server that mail goes out by; null where none is set. */
export function smtpOf({ smtpUrl, mailFrom, publicUrl }: Config): Smtp | null {
  if (smtpUrl === null) return null
  const host = publicUrl === null ? hostname() : new URL(publicUrl).hostname
  return openSmtp({ url: smtpUrl, from: mailFrom ?? `Millrace <millrace@${host}>` })
}
