import type { Letter } from '#mail/letter.ts'
import { oneLine, readableTime } from '#mail/mail-text.ts'

/** A kind of mail. Its data are texts, for they wait in the outbox as JSON. */
interface MailTemplate<Data> {
  /** Fields that nobody but the recipient may see: sealed in the outbox, dropped when it is sent. */
  readonly secret: readonly (keyof Data & string)[]
  letter(data: Data): Letter
}

/** Somebody is asked to become a member. `until`: ISO 8601, in UTC. */
const invitation: MailTemplate<{
  readonly tenant: string
  readonly inviter: string
  readonly role: string
  readonly link: string
  readonly until: string
}> = {
  secret: ['link'],
  letter: ({ tenant, inviter, role, link, until }) => ({
    subject: `Invitation to ${quoted(tenant)}`,
    paragraphs: [
      `${oneLine(inviter)} invites you to ${quoted(tenant)}, as ${oneLine(role)}.`,
      'Open the link to choose a password, or to sign in if you have an account already.',
    ],
    action: { label: 'Accept the invitation', link },
    remarks: [
      `The link can be used once, until ${timeOf(until)}.`,
      'If you did not expect this, ignore it: nothing happens.',
    ],
  }),
}

const passwordReset: MailTemplate<{ readonly link: string; readonly until: string }> = {
  secret: ['link'],
  letter: ({ link, until }) => ({
    subject: 'Choose a new password',
    paragraphs: ['Somebody, most likely you, asked for a new password for your account.'],
    action: { label: 'Choose a new password', link },
    remarks: [
      `The link can be used once, until ${timeOf(until)}.`,
      'If it was not you, ignore this: your password stays as it is.',
    ],
  }),
}

const addressConfirmation: MailTemplate<{ readonly link: string; readonly until: string }> = {
  secret: ['link'],
  letter: ({ link, until }) => ({
    subject: 'Confirm your address',
    paragraphs: ['Confirm that this is your address, and that you want to use it here.'],
    action: { label: 'Confirm', link },
    remarks: [
      `The link can be used once, until ${timeOf(until)}.`,
      'If you know nothing of this, ignore it: nothing happens.',
    ],
  }),
}

/** Something of an account has changed: `change` is a sentence, such as `Your password was changed.` */
const accountChanged: MailTemplate<{ readonly change: string; readonly at: string }> = {
  secret: [],
  letter: ({ change, at }) => ({
    subject: 'A change of your account',
    paragraphs: [
      `${oneLine(change, 300)} That was at ${timeOf(at)}.`,
      'If it was not you, choose a new password at once and tell whoever runs your account.',
    ],
    remarks: ['This mail is sent whenever such a thing changes.'],
  }),
}

/**
 * Rows are where they were asked for. `link` empty: they went to a place of their own, `place`.
 * `file` empty: it is not sent along.
 */
const deliveryReady: MailTemplate<{
  readonly tenant: string
  readonly title: string
  readonly fileName: string
  readonly contentType: string
  readonly rows: string
  readonly size: string
  readonly asOf: string
  readonly receipt: string
  /** What of the answer is not published: `2 of 12 parts`; empty: nothing. */
  readonly missing: string
  readonly until: string
  /** How often the link works; empty: any number of times. */
  readonly downloads: string
  readonly place: string
  readonly link: string
  /** In base64. */
  readonly file: string
  /** Of a chart: `LetterImage`, `LetterTable` and a figure as JSON, and why it is not drawn. */
  readonly image?: string
  readonly table?: string
  readonly figure?: string
  readonly chartProblem?: string
}> = {
  secret: ['link', 'file', 'image', 'table', 'figure'],
  letter: (data) => {
    const { title, rows, size, missing, downloads, link, file, place } = data
    const lacks = missing === '' ? '' : ` ${oneLine(missing)} are not published.`
    return {
      subject: `${oneLine(title, 80)}: ${oneLine(rows)} rows are ready`,
      paragraphs: [
        `${oneLine(title)} of ${quoted(data.tenant)} is ready: ${oneLine(rows)} rows, ${oneLine(size)}, as of ${timeOf(data.asOf)}.${lacks}`,
        ...(link === '' && place !== '' ? [`The rows lie in ${oneLine(place, 300)}.`] : []),
        ...(file === '' ? [] : ['The file is sent along with this mail.']),
      ],
      figure: parsed<Letter['figure']>(data.figure),
      image: parsed<Letter['image']>(data.image),
      table: parsed<Letter['table']>(data.table),
      ...(link === '' ? {} : { action: { label: 'Download the file', link } }),
      remarks: [
        ...(data.chartProblem
          ? [`The chart is not drawn: ${oneLine(data.chartProblem, 300)}.`]
          : []),
        ...(link === '' ? [] : [linkRemark(data.until, downloads)]),
        `Where every number comes from: receipt ${oneLine(data.receipt, 60)}.`,
      ],
      ...(file === ''
        ? {}
        : { files: [{ name: data.fileName, contentType: data.contentType, base64: file }] }),
    }
  },
}

function parsed<Part>(json: string | undefined): Part | undefined {
  return json === undefined || json === '' ? undefined : (JSON.parse(json) as Part)
}

function linkRemark(until: string, downloads: string): string {
  const often = downloads === '' ? '' : `, ${oneLine(downloads)}`
  return `The link works until ${timeOf(until)}${often}. Whoever has it can fetch the file: do not pass it on.`
}

const test: MailTemplate<{ readonly by: string }> = {
  secret: [],
  letter: ({ by }) => ({
    subject: 'A test of mail',
    paragraphs: [`Mail gets through: ${oneLine(by)} sent this to try it.`],
    remarks: ['There is nothing to do.'],
  }),
}

export const mailTemplates = {
  invitation,
  'password-reset': passwordReset,
  'address-confirmation': addressConfirmation,
  'account-changed': accountChanged,
  'delivery-ready': deliveryReady,
  test,
} as const

export type TemplateName = keyof typeof mailTemplates
export type TemplateData<Name extends TemplateName> = Parameters<
  (typeof mailTemplates)[Name]['letter']
>[0]

function quoted(name: string): string {
  return `“${oneLine(name)}”`
}

function timeOf(iso: string): string {
  return readableTime(new Date(iso))
}
