/** Fields that an operation needs beside what its schema tells, for what it is asked to do to be whole. */
export const samples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'tasks.post': { name: 'echo', payload: { text: 'own' } },
  'tasks.lease': { names: ['nothing-of-that-name'] },
  'runs.start': { datasets: ['meter_months'] },
  'backfills.plan': { datasets: ['meter_months'], partition: '2021-04' },
  'datasets.rows': { dataset: 'meter_months' },
  'datasets.append': { dataset: 'notes' },
  'datasets.export': { dataset: 'meter_months' },
  'endpoints.drill': { endpoint: 'meter_totals', row: { meter: 'own-meter' } },
  'quarantine.list': { dataset: 'readings' },
  'quarantine.download': { dataset: 'readings' },
  'events.stream': { after: 0, untilNow: true },
  'sources.options': { dataset: 'readings' },
}
