/** What is asked of every queue alike. */
export type QueueScenario =
  /** Jobs that do nothing, there already when work begins, until the store says that all have ended. */
  | 'drain'
  /** One job at a time on an idle worker: from before it is posted until it begins. */
  | 'latency'
  /** Each job follows the one before. */
  | 'chain'
  /** So many jobs, and one that begins when all of them have ended. */
  | 'fanIn'
  /** Jobs of a known length on few slots. */
  | 'slots'
  /** Twenty small tenants, beside one with `jobs` jobs; Millrace alone knows tenants. */
  | 'tenants'

export interface ScenarioSize {
  readonly jobs: number
  readonly slots: number
  readonly jobMs?: number
}

export interface QueueFigures {
  readonly wallMs: number
  /** Time to post them, where that comes first. */
  readonly postMs?: number
  /** Of each job of `latency`. */
  readonly waitsMs?: readonly number[]
}
