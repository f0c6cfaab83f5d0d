import type { OutputOf } from '~/api/client.ts'

export type Pulse = OutputOf<'tenants.overview'>['tenants'][number]
export type QueueShare = OutputOf<'queue.show'>['tenants'][number]

export interface Trouble {
  readonly kind: 'troubled' | 'breached' | 'failedRuns' | 'dead'
  readonly count: number
  /** Look of the state, see ui/status.tsx. */
  readonly state: 'failed' | 'breached' | 'dead'
}

/** What is wrong with a tenant, the gravest first. */
export function troublesOf(pulse: Pick<Pulse, Trouble['kind']>): Trouble[] {
  const all: readonly Trouble[] = [
    { kind: 'troubled', count: Number(pulse.troubled), state: 'failed' },
    { kind: 'breached', count: Number(pulse.breached), state: 'breached' },
    { kind: 'failedRuns', count: Number(pulse.failedRuns), state: 'failed' },
    { kind: 'dead', count: Number(pulse.dead), state: 'dead' },
  ]
  return all.filter(({ count }) => count > 0)
}

export interface Neighbour {
  readonly tenant: string
  /** Parts of all slots that are at work: what it has, and what is due to it. */
  readonly has: number
  readonly due: number
  readonly waiting: number
  /** It has more than its due while somebody else waits. */
  readonly isBeyond: boolean
}

/** Nobody is told to be noisy for a slot that somebody else would not have either. */
const TOLERATED = 1.25

/** Those with slots or tasks that wait, the greediest first, at most `most`; the rest in one number. */
export function neighboursOf(
  shares: readonly QueueShare[],
  most: number,
): { readonly shown: readonly Neighbour[]; readonly others: number } {
  const slots = shares.reduce((sum, share) => sum + Number(share.slots), 0)
  const wanting = shares.filter((share) => Number(share.slots) > 0 || Number(share.ready) > 0)
  const neighbours = wanting
    .map((share): Neighbour => {
      const has = slots === 0 ? 0 : Number(share.slots) / slots
      const due = Number(share.share)
      const othersWait = wanting.some((one) => one !== share && Number(one.ready) > 0)
      return {
        tenant: share.tenant,
        has,
        due,
        waiting: Number(share.ready),
        isBeyond: othersWait && has > due * TOLERATED,
      }
    })
    .toSorted((a, b) => b.has - a.has || b.waiting - a.waiting)
  return { shown: neighbours.slice(0, most), others: Math.max(neighbours.length - most, 0) }
}

export const sumOf = (values: readonly (number | bigint)[]): number =>
  values.reduce<number>((sum, value) => sum + Number(value), 0)
