import type { PlanAnswer } from '#cli/render/plan-view.ts'
import type { StatusAnswer } from '#cli/render/status-view.ts'
import type { RunViewData } from '#operations/runs/run-view-data.ts'

/** Fixed data for the snapshots of the renderers. */

const none = {
  waiting: 0,
  ready: 0,
  running: 0,
  done: 0,
  unchanged: 0,
  held: 0,
  failed: 0,
  skipped: 0,
  cancelled: 0,
}

const summary: PlanAnswer['summary'] = {
  datasets: [
    { dataset: 'events', certain: 1, conditional: 0, first: '2021-04', last: '2021-04' },
    { dataset: 'events_by_period', certain: 1, conditional: 1, first: '2021-03', last: '2021-04' },
  ],
  later: [
    { dataset: 'users_by_day', grain: 'day', reads: 'events (observed)' },
    { dataset: 'top_users', grain: 'month', reads: 'users_by_day (roll-up)' },
    { dataset: 'top_companies', grain: 'month', reads: 'users_by_day (roll-up)' },
  ],
  tasks: 4,
  estimatedMs: 4_200,
  estimatedBytes: 160_000_000,
}

export const examplePlan: PlanAnswer = {
  token: 'plan_0123456789abcdef',
  summary,
  tasksLeftOut: 0,
  tasks: [
    {
      kind: 'build',
      dataset: 'events',
      partition: '2021-04',
      state: 'missing',
      certainty: 'certain',
      deferred: false,
      causes: [{ kind: 'missing', text: 'never built' }],
    },
    {
      kind: 'expand',
      dataset: 'events',
      partition: 'all',
      state: 'missing',
      certainty: 'certain',
      deferred: false,
      causes: [],
    },
    {
      kind: 'build',
      dataset: 'events_by_period',
      partition: '2021-03',
      state: 'stale',
      certainty: 'certain',
      deferred: false,
      causes: [{ kind: 'input', text: 'events changed' }],
    },
    {
      kind: 'build',
      dataset: 'events_by_period',
      partition: '2021-04',
      state: 'pending',
      certainty: 'conditional',
      deferred: false,
      causes: [{ kind: 'pending', text: 'an input may change' }],
    },
  ],
}

/** A run of three datasets (and `extra` more that wait), in the middle or after a failure. */
export function exampleView(state: 'running' | 'failed', extra = 0): RunViewData {
  const running = state === 'running'
  const waiting = Array.from({ length: extra }, (_, at) => ({
    dataset: `waiting_${at}`,
    kind: 'analysis' as const,
    counts: { ...none, waiting: 3 },
    rows: 0,
    wallMs: 0,
  }))
  return {
    revision: 'r1',
    run: {
      id: 'run_06fj3k2m9q4t1x8w',
      state,
      cause: 'manual',
      title: 'run events --month 2021-04',
      createdAt: '2021-05-02T09:00:00.000Z',
      endedAt: running ? null : '2021-05-02T09:00:06.150Z',
      undoneAt: null,
      plan: summary,
    },
    datasets: [
      {
        dataset: 'events',
        kind: 'source',
        counts: running ? { ...none, running: 1, waiting: 1 } : { ...none, done: 2 },
        rows: running ? 0 : 1_150_000,
        wallMs: 2_400,
      },
      {
        dataset: 'events_by_period',
        kind: 'analysis',
        counts: { ...none, done: 2 },
        rows: 61,
        wallMs: 95,
      },
      {
        dataset: 'top_companies',
        kind: 'analysis',
        counts: running ? { ...none, waiting: 1 } : { ...none, failed: 1 },
        rows: 0,
        wallMs: 0,
      },
      ...waiting,
    ],
    active: running
      ? [
          {
            dataset: 'events',
            partitions: ['2021-04'],
            step: 'fetch',
            bytes: 64_000_000,
            totalBytes: 160_000_000,
          },
        ]
      : [],
    failures: running
      ? []
      : [
          {
            dataset: 'top_companies',
            partition: '2021-04',
            taskId: 7,
            state: 'failed',
            error: {
              code: 'analysis-failed',
              message: 'top_companies: division by zero',
              remedy: 'Correct the SQL of top_companies.',
              retryable: false,
              details: {},
              causes: [],
            },
          },
        ],
    sources: running
      ? []
      : [
          {
            dataset: 'events',
            partition: '2021-04',
            location: 's3://bucket/2021/04/events.csv',
            etag: 'e',
            sizeBytes: 160_000_000,
            modifiedAt: '2021-05-01T00:00:00.000Z',
            sha256: 'aa',
            received: 1_150_421,
            accepted: 1_150_000,
            repaired: 0,
            quarantined: 421,
            reasons: [
              { reason: 'timestamp-unreadable', rows: 400 },
              { reason: 'field-count', rows: 21 },
            ],
          },
        ],
    checks: running
      ? []
      : ['2021-03', '2021-04'].map((partition) => ({
          dataset: 'events_by_period',
          partition,
          name: 'few_spilled',
          severity: 'warning' as const,
          passed: false,
          failingRows: 3,
          message: '3 of 61 rows are spilled',
        })),
    remainingMs: running ? 8_000 : null,
  }
}

const months = ['2021-01', '2021-02', '2021-03', '2021-04']

function partition(key: string, state: 'fresh' | 'stale' | 'failed' | 'missing', cause?: string) {
  return {
    partition: key,
    state,
    causes: cause === undefined ? [] : [cause],
    rows: state === 'missing' ? null : 10,
    publishedAt: state === 'missing' ? null : '2021-05-01T00:00:00.000Z',
    runId: null,
  }
}

export const exampleStatus: StatusAnswer = {
  tenant: 'demo',
  datasets: [
    {
      dataset: 'events',
      kind: 'source',
      description: 'Events',
      grain: 'month',
      accepted: [],
      freshness: null,
      partitions: months.map((month, at) =>
        at === 3 ? partition(month, 'stale', 'its file changed') : partition(month, 'fresh'),
      ),
    },
    {
      dataset: 'top_companies',
      kind: 'analysis',
      description: 'Companies by events',
      grain: 'month',
      accepted: [],
      freshness: null,
      partitions: [
        partition('2021-01', 'fresh'),
        partition('2021-02', 'fresh'),
        partition('2021-03', 'failed', 'division by zero'),
        partition('2021-04', 'missing', 'never built'),
      ],
    },
    {
      dataset: 'empty',
      kind: 'analysis',
      description: 'Empty',
      grain: 'day',
      accepted: [],
      freshness: null,
      partitions: [],
    },
  ],
  runs: [
    {
      id: 'run_06fj3k2m9q4t1x8w',
      state: 'failed',
      cause: 'manual',
      title: 'run events --month 2021-04',
      createdAt: '2021-05-02T09:00:00.000Z',
      endedAt: '2021-05-02T09:00:12.500Z',
      undoneAt: null,
      plan: summary,
    },
  ],
}
