import type { InputOf } from '~/api/client.ts'
import { byDefault, clockOf, cronOf, type Clock } from '~/screens/reports/cron-words.ts'
import type { ReportRow } from '~/screens/reports/report-words.ts'

/** A report as the form has it: texts, until it is sent. */
export interface Draft {
  readonly name: string
  readonly kind: 'endpoint' | 'dataset'
  readonly endpoint: string
  readonly dataset: string
  readonly partition: string
  readonly parameters: Readonly<Record<string, string>>
  /** Conditions, columns, order and version, which the form keeps as they are. */
  readonly kept: Readonly<Record<string, unknown>>
  readonly trigger: 'arrival' | 'clock'
  readonly clock: Clock
  readonly zone: string
  readonly format: string
  readonly mail: string
  readonly attach: boolean
  readonly onlyChanged: boolean
  readonly skipEmpty: boolean
  readonly complete: boolean
  readonly chart: Readonly<Record<string, unknown>> | null
}

export function emptyDraft(zone: string, mail: string): Draft {
  return {
    name: '',
    kind: 'endpoint',
    endpoint: '',
    dataset: '',
    partition: '',
    parameters: {},
    kept: {},
    trigger: 'clock',
    clock: byDefault,
    zone,
    format: 'csv',
    mail,
    attach: false,
    onlyChanged: true,
    skipEmpty: true,
    complete: true,
    chart: null,
  }
}

/** What somebody has asked before, in the words of the API. */
export function withAsked(draft: Draft, asked: Readonly<Record<string, unknown>>): Draft {
  const { dataset, endpoint, partition, parameters, version, where, select, sort } = asked
  const kept = Object.fromEntries(
    Object.entries({ version, where, select, sort }).filter(([, value]) => value !== undefined),
  )
  return {
    ...draft,
    kind: typeof dataset === 'string' ? 'dataset' : 'endpoint',
    dataset: typeof dataset === 'string' ? dataset : '',
    endpoint: typeof endpoint === 'string' ? endpoint : '',
    partition: typeof partition === 'string' ? partition : '',
    parameters: (parameters ?? {}) as Record<string, string>,
    kept,
  }
}

export function draftOf(row: ReportRow): Draft {
  const { report, cron, zone, chart, format, mail, attach } = row
  const { onlyChanged, skipEmpty, complete } = row
  return {
    ...withAsked(emptyDraft(zone, mail.join(', ')), row.asked),
    name: report,
    trigger: cron === null ? 'arrival' : 'clock',
    clock: cron === null ? byDefault : clockOf(cron),
    format,
    attach,
    onlyChanged,
    skipEmpty,
    complete,
    chart,
  }
}

/** From a delivery: its name, without what a report's name cannot have; the newest version is followed. */
export function draftOfDelivery(
  draft: Draft,
  delivery: { readonly title: string; readonly format: string; readonly asked: Draft['kept'] },
): Draft {
  const { version: _version, ...asked } = delivery.asked
  const name = delivery.title
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, 63)
  return { ...withAsked(draft, asked), name, format: delivery.format, trigger: 'arrival' }
}

export const mailsOf = (mail: string): string[] =>
  mail.split(/[\s,;]+/).filter((address) => address !== '')

export type DraftProblem = 'name' | 'subject' | 'mail' | null

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/
const MAIL = /^[^\s@]+@[^\s@]+$/

export function problemOfDraft(draft: Draft): DraftProblem {
  if (!NAME.test(draft.name)) return 'name'
  if (draft[draft.kind] === '') return 'subject'
  return mailsOf(draft.mail).every((address) => MAIL.test(address)) ? null : 'mail'
}

/** What is sent to the server. */
export function inputOf(draft: Draft): InputOf<'reports.create'> {
  const { kind, endpoint, dataset, partition, parameters, kept, trigger, clock, zone } = draft
  const mail = mailsOf(draft.mail)
  return {
    report: draft.name,
    ...(kind === 'endpoint'
      ? { endpoint, parameters }
      : { dataset, ...(partition.trim() !== '' && { partition: partition.trim() }) }),
    ...kept,
    ...(trigger === 'clock' ? { cron: cronOf(clock) } : { onArrival: true }),
    zone,
    format: draft.format,
    ...(mail.length > 0 && { mail }),
    attach: draft.attach,
    onlyChanged: draft.onlyChanged,
    skipEmpty: draft.skipEmpty,
    complete: draft.complete,
    ...(draft.chart !== null && { chart: draft.chart }),
  } as unknown as InputOf<'reports.create'>
}
