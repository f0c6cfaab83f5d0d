import type { OutputOf } from '~/api/client.ts'
import { wordsOf } from '~/screens/reports/cron-words.ts'
import { reportsTexts as texts } from '~/texts/reports.ts'

export type ReportRow = OutputOf<'reports.list'>['reports'][number]

/** `every Monday at 07:00 in Europe/Berlin`. */
export function whenOf({ cron, zone }: Pick<ReportRow, 'cron' | 'zone'>): string {
  return cron === null ? texts.whenArrives : texts.zoneOf(wordsOf(cron, texts.clock), zone)
}

/** `top_companies month=latest`. */
export function subjectOf({ asked }: Pick<ReportRow, 'asked'>): string {
  const { dataset, endpoint, partition, parameters } = asked
  const given = Object.entries((parameters ?? {}) as Record<string, unknown>)
  return [
    dataset ?? endpoint,
    partition,
    ...given.map(([name, value]) => `${name}=${String(value)}`),
  ]
    .filter((part) => typeof part === 'string')
    .join(' ')
}

export function recipientsOf({ mail, targetName }: Pick<ReportRow, 'mail' | 'targetName'>): string {
  return [...(targetName === null ? [] : [targetName]), ...mail].join(', ')
}
