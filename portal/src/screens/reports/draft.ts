import type { Chart } from '#charts/chart-options.ts'
import type { InputOf } from '~/api/client.ts'
import { byDefault, clockOf, cronOf, type Clock } from '~/screens/reports/cron-words.ts'
import type { ReportRow } from '~/screens/reports/report-words.ts'
import { askedDraftOf, askedInput, emptyAsked, type AskedDraft } from '~/sending/asked-draft.ts'
import { areMails, mailsOf } from '~/sending/mail-addresses.ts'
import {
  fileDraft,
  formatOfTarget,
  isKeyMissing,
  targetDraftOf,
  targetInput,
  type TargetDraft,
} from '~/sending/target-draft.ts'

/** A report as the form has it: texts, until it is sent. */
export interface Draft {
  readonly name: string
  readonly asked: AskedDraft
  readonly trigger: 'arrival' | 'clock'
  readonly clock: Clock
  readonly zone: string
  readonly format: string
  readonly place: TargetDraft
  readonly mail: string
  readonly attach: boolean
  readonly onlyChanged: boolean
  readonly skipEmpty: boolean
  readonly complete: boolean
  readonly chart: Chart | null
}

export function emptyDraft(zone: string, mail: string): Draft {
  return {
    name: '',
    asked: emptyAsked,
    trigger: 'clock',
    clock: byDefault,
    zone,
    format: 'csv',
    place: fileDraft,
    mail,
    attach: false,
    onlyChanged: true,
    skipEmpty: true,
    complete: true,
    chart: null,
  }
}

export function draftOf(row: ReportRow): Draft {
  const { report, cron, zone, chart, format, mail, attach } = row
  const { onlyChanged, skipEmpty, complete } = row
  return {
    ...emptyDraft(zone, mail.join(', ')),
    name: report,
    asked: askedDraftOf(row.asked),
    trigger: cron === null ? 'arrival' : 'clock',
    clock: cron === null ? byDefault : clockOf(cron),
    format,
    place: targetDraftOf(row),
    attach,
    onlyChanged,
    skipEmpty,
    complete,
    chart: chart as Chart | null,
  }
}

type DeliveryShown = Pick<ReportRow, 'target' | 'targetName' | 'targetOptions'> & {
  readonly title: string
  readonly format: string
  readonly asked: Readonly<Record<string, unknown>>
}

/** From a delivery: its name, without what a report's name cannot have; the newest version is followed. */
export function draftOfDelivery(draft: Draft, delivery: DeliveryShown): Draft {
  const name = delivery.title
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 63)
  return {
    ...draft,
    name,
    asked: { ...askedDraftOf(delivery.asked), version: null },
    place: targetDraftOf(delivery),
    format: delivery.format,
    trigger: 'arrival',
  }
}

export type DraftProblem = 'name' | 'subject' | 'key' | 'mail' | 'nobody' | null

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/

export function problemOfDraft({ name, asked, place, mail }: Draft): DraftProblem {
  if (!NAME.test(name)) return 'name'
  if (asked[asked.kind] === '') return 'subject'
  if (isKeyMissing(place)) return 'key'
  if (!areMails(mail)) return 'mail'
  return place.target === '' && mailsOf(mail).length === 0 ? 'nobody' : null
}

/** What is sent to the server. */
export function inputOf(draft: Draft): InputOf<'reports.create'> {
  const { trigger, clock, zone, place, chart } = draft
  const mail = mailsOf(draft.mail)
  return {
    report: draft.name,
    ...askedInput(draft.asked),
    ...(trigger === 'clock' ? { cron: cronOf(clock) } : { onArrival: true }),
    zone,
    format: formatOfTarget(place) ?? draft.format,
    ...targetInput(place),
    ...(mail.length > 0 && { mail }),
    attach: draft.attach,
    onlyChanged: draft.onlyChanged,
    skipEmpty: draft.skipEmpty,
    complete: draft.complete,
    ...(chart !== null && { chart }),
  } as unknown as InputOf<'reports.create'>
}
