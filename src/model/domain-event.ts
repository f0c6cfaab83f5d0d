import { z } from 'zod'

/** Something that has become true of a tenant, as every door tells it. */
export interface DomainEvent<Kind extends EventKind = EventKind> {
  /** The same at every door and for every try: `evt_<tenant>_<sequence>`. */
  readonly id: string
  /** Place among the tenant's events, in the order of their commits, without gaps from 1 on. */
  readonly sequence: number
  readonly kind: Kind
  /** ISO 8601, when it was noted; the order is that of `sequence`. */
  readonly at: string
  /** Slug. */
  readonly tenant: string
  /** Names and numbers of things, never rows. */
  readonly data: EventData<Kind>
}

export type EventData<Kind extends EventKind> = z.output<(typeof domainEvents)[Kind]['data']>

interface EventEntry {
  readonly description: string
  readonly data: z.ZodObject
  /** `dataset`: told to whoever may see the dataset that it names; null: to nobody with a limited `access`. */
  readonly about: 'dataset' | null
}

const dataset = z.string()
const partitions = z.array(z.string())
const run = z.string()
const code = z.string().describe('Code of its error, as in the reference of errors.')

/** Every kind of event. Kinds and their fields are a contract with other programs: they are only added to. */
export const domainEvents = {
  'partition.published': {
    description: 'Partitions of a dataset can be read in a new version.',
    about: 'dataset',
    data: z.strictObject({
      dataset,
      partitions,
      commit: z.int().describe("The tenant's commit number from which they can be read."),
      run: run.optional(),
      erasure: z.string().optional().describe('In place of a run: an erasure took rows out.'),
      append: z.string().optional().describe('In place of a run: rows were appended.'),
    }),
  },
  'partition.held': {
    description: 'Partitions were computed, and a blocking check kept them from being published.',
    about: null,
    data: z.strictObject({ dataset, partitions, run }),
  },
  'partition.failed': {
    description: 'A partition could not be computed, and is not tried again by itself.',
    about: null,
    data: z.strictObject({ dataset, partition: z.string(), run, task: z.int(), code }),
  },
  'run.started': {
    description: 'A run has begun; one with nothing to do has ended by then.',
    about: null,
    data: z.strictObject({ run }),
  },
  'run.finished': {
    description: 'A run has ended, and all that it was to do is done.',
    about: null,
    data: z.strictObject({ run }),
  },
  'run.failed': {
    description: 'A run has ended, and something of it failed, was held or was skipped.',
    about: null,
    data: z.strictObject({ run }),
  },
  'run.cancelled': {
    description: 'A run was cancelled, and nothing of it is at work any more.',
    about: null,
    data: z.strictObject({ run }),
  },
  'run.undone': {
    description: 'What was served before a run is served again.',
    about: null,
    data: z.strictObject({ run, commit: z.int() }),
  },
  'task.failed': {
    description: 'A background task has failed for good: it is among the dead letters.',
    about: null,
    data: z.strictObject({ task: z.string(), name: z.string(), code }),
  },
  'quarantine.grew': {
    description: 'More rows of a source are quarantined than in its version before.',
    about: null,
    data: z.strictObject({
      dataset,
      partitions,
      run,
      rows: z.int().describe('Quarantined rows now.'),
      before: z.int().describe('Quarantined rows of the version before.'),
    }),
  },
  'freshness.breached': {
    description: 'The newest partition of a dataset is older than its rule allows.',
    about: 'dataset',
    data: freshness(),
  },
  'freshness.kept': {
    description: 'A dataset is as fresh again as its rule demands.',
    about: 'dataset',
    data: freshness(),
  },
  'quota.reached': {
    description: 'Four fifths of a quota, or all of it, are used up.',
    about: null,
    data: z.strictObject({
      kind: z.string(),
      percent: z.int().describe('80 or 100.'),
      used: z.number(),
      most: z.number(),
    }),
  },
  'delivery.ready': {
    description: 'A delivery is where it was to go.',
    about: null,
    data: z.strictObject({ delivery: z.string() }),
  },
  'delivery.failed': {
    description: 'A delivery has failed for good.',
    about: null,
    data: z.strictObject({ delivery: z.string(), code }),
  },
  'subscription.failing': {
    description: 'A subscription is sent nothing any more, for nothing arrived for days.',
    about: null,
    data: z.strictObject({ subscription: z.string(), since: z.string() }),
  },
} as const satisfies Record<string, EventEntry>

function freshness() {
  return z.strictObject({
    dataset,
    maxAgeMs: z.number(),
    newest: z.string().nullable().describe('Its newest partition.'),
    since: z.string().describe('When it became, or will become, too old.'),
  })
}

export type EventKind = keyof typeof domainEvents

export const eventKinds = Object.keys(domainEvents) as readonly EventKind[] as readonly [
  EventKind,
  ...EventKind[],
]

export function eventId(tenant: string, sequence: number): string {
  return `evt_${tenant}_${sequence}`
}
