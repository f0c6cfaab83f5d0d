export interface OpenProblem {
  readonly kind: 'failed' | 'held' | 'old' | 'quarantine' | 'report' | 'stale'
  /** Of the dataset or the report. */
  readonly name: string
  readonly count: number
  readonly about: string | null
}

interface Known {
  readonly datasets: readonly {
    readonly dataset: string
    readonly states: Readonly<Record<string, number>>
  }[]
  readonly quarantine: readonly { readonly dataset: string; readonly quarantined: number }[]
  readonly sources: readonly {
    readonly dataset: string
    readonly freshness: { readonly state: string; readonly newest: string | null } | null
  }[]
  /** With the last run of each. */
  readonly reports: readonly {
    readonly report: string
    readonly runs: readonly { readonly state: string; readonly detail: string }[]
  }[]
}

/** The worst first: what failed, what is too old, what is held, what was not read, what is out of date. */
export function problemsOf({ datasets, quarantine, sources, reports }: Known): OpenProblem[] {
  const ofState = (kind: 'failed' | 'held' | 'stale') =>
    datasets.flatMap(({ dataset, states }) => {
      const count = states[kind] ?? 0
      return count > 0 ? [{ kind, name: dataset, count, about: null }] : []
    })
  const rows = new Map<string, number>()
  for (const { dataset, quarantined } of quarantine) {
    rows.set(dataset, (rows.get(dataset) ?? 0) + quarantined)
  }
  return [
    ...ofState('failed'),
    ...reports
      .filter(({ runs: [last] }) => last?.state === 'failed' || last?.state === 'held')
      .map(({ report, runs: [last] }) => ({
        kind: 'report' as const,
        name: report,
        count: 1,
        about: last?.detail ?? null,
      })),
    ...sources
      .filter(({ freshness }) => freshness?.state === 'breached')
      .map(({ dataset, freshness }) => ({
        kind: 'old' as const,
        name: dataset,
        count: 1,
        about: freshness?.newest ?? null,
      })),
    ...ofState('held'),
    ...Array.from(rows)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => ({ kind: 'quarantine' as const, name, count, about: null })),
    ...ofState('stale'),
  ]
}
