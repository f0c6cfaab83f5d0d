import type { Chart } from '#charts/chart-options.ts'
import type { InputOf } from '~/api/client.ts'
import { askedInput, emptyAsked, type AskedDraft, type AskedInput } from '~/sending/asked-draft.ts'
import type { Format } from '~/sending/format-field.tsx'
import { areMails, mailsOf } from '~/sending/mail-addresses.ts'
import {
  fileDraft,
  formatOfTarget,
  isKeyMissing,
  targetInput,
  type TargetDraft,
} from '~/sending/target-draft.ts'

export const keeps = ['1d', '7d', '30d', '90d'] as const
export const downloadCounts = [1, 2, 5, 10, 100] as const

/** One delivery as the form has it: texts, until it is sent. */
export interface DeliveryDraft {
  readonly asked: AskedDraft
  readonly name: string
  readonly format: Format
  readonly place: TargetDraft
  readonly mail: string
  readonly attach: boolean
  readonly chart: Chart | null
  readonly keep: string
  /** Empty: any number of times. */
  readonly downloads: string
}

export const emptyDelivery: DeliveryDraft = {
  asked: emptyAsked,
  name: '',
  format: 'csv',
  place: fileDraft,
  mail: '',
  attach: false,
  chart: null,
  keep: '7d',
  downloads: '',
}

const NAME = /^[\w.-]{0,100}$/

export type DeliveryProblem = 'subject' | 'parameters' | 'name' | 'key' | 'mail' | null

/** `isWhole`: nothing is missing for the question to be asked. */
export function problemOfDelivery(
  { asked, name, place, mail }: DeliveryDraft,
  isWhole: boolean,
): DeliveryProblem {
  if (asked[asked.kind] === '') return 'subject'
  if (!isWhole) return 'parameters'
  if (!NAME.test(name)) return 'name'
  if (isKeyMissing(place)) return 'key'
  return areMails(mail) ? null : 'mail'
}

/** The question in the form of its file: what is counted before, and made. */
export function fileInput(draft: DeliveryDraft, input: AskedInput): InputOf<'rows.estimate'> {
  const format = formatOfTarget(draft.place) ?? draft.format
  // What people open is most likely opened by a spreadsheet.
  const isForPeople = format === 'csv' && draft.place.target === ''
  const cells: 'spreadsheet' | 'raw' = isForPeople ? 'spreadsheet' : 'raw'
  return { ...input, format, cells }
}

/** What is sent to the server. */
export function deliveryInput(draft: DeliveryDraft): InputOf<'deliveries.create'> {
  const { name, place, attach, chart, keep, downloads } = draft
  const mail = mailsOf(draft.mail)
  const isFile = place.target === ''
  return {
    ...fileInput(draft, askedInput(draft.asked)),
    ...(name !== '' && { title: name }),
    ...targetInput(place),
    // Nobody is written to who is not named.
    mail,
    ...(mail.length > 0 && isFile && { attach }),
    ...(mail.length > 0 && chart !== null && { chart }),
    ...(isFile && { keep }),
    ...(isFile && downloads !== '' && { downloads: Number(downloads) }),
  }
}
