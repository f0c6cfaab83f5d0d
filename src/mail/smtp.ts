import { createTransport } from 'nodemailer'

import type { LetterFile } from '#mail/letter.ts'
import { oneLine } from '#mail/mail-text.ts'
import type { RenderedLetter } from '#mail/render-letter.ts'

export interface SmtpSettings {
  /** `smtp://` or `smtps://`, with user, password and nodemailer's options (`requireTLS=true`). */
  readonly url: string
  /** `Millrace <millrace@example.com>`, or the address alone. */
  readonly from: string
}

export interface OutgoingMail extends RenderedLetter {
  readonly to: { readonly address: string; readonly name: string | null }
  /** Without brackets; the same for every try. */
  readonly messageId: string
  readonly date: Date
}

/** The operator's mail server. */
export interface Smtp {
  /** Of the sender's address, for ids of messages. */
  readonly domain: string
  /** Resolves when the server has taken it over. Throws `MailRefused`. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>
}

/** Why a mail was not taken; the text may be shown to the tenant, and names nothing of the server. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
  /** True: it would be refused again. */
  readonly isFinal: boolean

  constructor(message: string, isFinal: boolean, cause: unknown) {
    super(message, { cause })
    this.isFinal = isFinal
  }
}

const CONNECT_MS = 10_000
const SILENT_MS = 30_000

/** Connects for each mail; opens nothing before the first. */
export function openSmtp({ url, from }: SmtpSettings): Smtp {
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
    // A mail is text that was made here: nothing in it may name a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const sender = parseSender(from)
  return {
    domain: sender.address.slice(sender.address.indexOf('@') + 1),
    async send({ to, subject, text, html, files, inline, messageId, date }, signal) {
      try {
        await transport.sendMail({
          from: sender,
          to: { address: to.address, name: to.name ?? '' },
          subject,
          text,
          html,
          attachments: [
            ...inline.map(({ cid, ...file }) => ({
              ...attached(file),
              cid,
              contentDisposition: 'inline' as const,
            })),
            ...files.map(attached),
          ],
          messageId: `<${messageId}>`,
          date,
          // Of a program: out-of-office answers are not wanted.
          headers: { 'auto-submitted': 'auto-generated', 'x-auto-response-suppress': 'All' },
          signal,
        })
      } catch (error) {
        throw refusalOf(error)
      }
    },
  }
}

function attached({ name, contentType, base64 }: LetterFile) {
  return {
    filename: name,
    contentType,
    content: Buffer.from(base64, 'base64'),
    contentDisposition: 'attachment' as const,
  }
}

/** Name and address of `Name <address>`. */
export function parseSender(from: string): { readonly name: string; readonly address: string } {
  const [, name = '', address = from] = /^([^<>]*)<([^<>]+)>\s*$/.exec(from) ?? []
  return { name: name.replaceAll('"', '').trim(), address: address.trim() }
}

/** Replies that speak of the operator's account, not of the mail. */
const ofAccount = new Set([530, 534, 535, 538])

function refusalOf(error: unknown): MailRefused {
  const { code, command, responseCode, response, permanent, originalCode } = error as {
    readonly code?: string
    readonly command?: string
    readonly responseCode?: number
    readonly response?: string
    readonly permanent?: boolean
    readonly originalCode?: string
  }
  if (responseCode === undefined) {
    const isFinal = code === 'EENVELOPE'
    const reason = originalCode ?? code ?? 'no reason given'
    const text = isFinal ? 'the address cannot be used' : 'the mail server cannot be reached'
    return new MailRefused(`${text} (${reason})`, isFinal, error)
  }
  if (code === 'EAUTH' || command === 'MAIL FROM' || ofAccount.has(responseCode)) {
    const text = `the mail server does not accept the account of this deployment (${responseCode})`
    return new MailRefused(text, false, error)
  }
  const said = oneLine(response ?? String(responseCode), 300)
  return new MailRefused(`the mail server answered: ${said}`, permanent === true, error)
}
