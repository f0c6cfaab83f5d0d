/** What a job of a scenario does. */
export interface PeerJob {
  readonly kind: 'nothing' | 'sleep' | 'chain'
  /** How long it sleeps. */
  readonly ms?: number
  /** Jobs that still have to follow it, one after the other. */
  readonly left?: number
  /** When it was asked for, by the wall clock with fractions. */
  readonly sentMs?: number
}

export interface WorkStyle {
  /** Jobs at the same time. */
  readonly slots: number
  /** Many short jobs: batches and prefetching as the queue's own guide recommends them. */
  readonly bulk: boolean
}

/** Another queue, with the settings that its own documentation gives for speed. */
export interface PeerQueue {
  add(jobs: readonly PeerJob[]): Promise<void>
  /** Begins to work; jobs that are there begin at once. */
  work(style: WorkStyle, perform: (job: PeerJob) => Promise<void>): Promise<void>
  /** Resolves when no job is queued or under way, as the queue's own store has it. */
  idle(): Promise<void>
  /** So many jobs, and one of kind `chain` that starts when all of them have ended. */
  addFanIn(size: number): Promise<void>
  close(): Promise<void>
}

export type OpenPeer = (address: string) => Promise<PeerQueue>

/** Asks every few milliseconds: what a peer does not tell must be looked up. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5))
}
