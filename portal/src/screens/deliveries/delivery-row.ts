import type { OutputOf } from '~/api/client.ts'

export type DeliveryRow = OutputOf<'deliveries.list'>['deliveries'][number]

/** `top_companies.csv`. */
export const nameOf = ({ title, format }: DeliveryRow) => `${title}.${format}`

/** In the words of the palette: a file that is there is good, one that is over is idle. */
export function lookOfDelivery(state: DeliveryRow['state']): string {
  if (state === 'ready') return 'delivered'
  return state === 'erased' ? 'expired' : state
}

export const lookOfMail = (state: string): string => (state === 'sending' ? 'running' : state)

export const isUnderWay = ({ state }: Pick<DeliveryRow, 'state'>) =>
  state === 'queued' || state === 'running'

/** 0 to 1; null: nobody knows how much there is. */
export function shareOf({ progress, state }: DeliveryRow): number | null {
  if (state === 'ready') return 1
  if (progress === null || progress.rowsExpected === null || progress.rowsExpected === 0)
    return null
  return Math.min(progress.rows / progress.rowsExpected, 1)
}
