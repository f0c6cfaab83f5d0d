/**
 * Figures of one process in the text format of Prometheus. Label values are few and known: parts,
 * kinds, routes; never a tenant, a dataset or anything else that a user names.
 */
export interface Metrics {
  counter(name: string, help: string): Counter
  /** Observations in seconds, in fixed buckets. */
  histogram(name: string, help: string): Histogram
  /** Asked at each reading. */
  gauge(name: string, help: string, read: () => readonly Sample[]): void
  render(): string
}

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels?: Labels
  readonly value: number
}

export interface Counter {
  add(labels: Labels, by?: number): void
}

export interface Histogram {
  observe(labels: Labels, seconds: number): void
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
/** Series of one name; more would mean that a label is not bounded. */
const SERIES_MAX = 1_000

export function createMetrics(): Metrics {
  const families: (() => string[])[] = []

  function family(name: string, type: string, help: string, lines: () => string[]): void {
    families.push(() => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines()])
  }

  return {
    counter(name, help) {
      const sums = new Map<string, number>()
      family(name, 'counter', help, () =>
        [...sums].map(([labels, value]) => `${name}${labels} ${value}`),
      )
      return {
        add(labels, by = 1) {
          const key = labelText(labels)
          if (sums.has(key) || sums.size < SERIES_MAX) sums.set(key, (sums.get(key) ?? 0) + by)
        },
      }
    },
    histogram(name, help) {
      const series = new Map<string, { labels: Labels; counts: number[]; sum: number }>()
      family(name, 'histogram', help, () =>
        [...series].flatMap(([key, { labels, counts, sum }]) => {
          const total = counts.reduce((all, count) => all + count, 0)
          let upTo = 0
          const buckets = BUCKETS.map((le, at) => {
            upTo += counts[at] ?? 0
            return `${name}_bucket${labelText({ ...labels, le: String(le) })} ${upTo}`
          })
          const infinite = `${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${total}`
          return [...buckets, infinite, `${name}_sum${key} ${sum}`, `${name}_count${key} ${total}`]
        }),
      )
      return {
        observe(labels, seconds) {
          const key = labelText(labels)
          let found = series.get(key)
          if (!found) {
            if (series.size >= SERIES_MAX) return
            found = { labels, counts: Array.from({ length: BUCKETS.length + 1 }, () => 0), sum: 0 }
            series.set(key, found)
          }
          const at = BUCKETS.findIndex((le) => seconds <= le)
          const bucket = at < 0 ? BUCKETS.length : at
          found.counts[bucket] = (found.counts[bucket] ?? 0) + 1
          found.sum += seconds
        },
      }
    },
    gauge(name, help, read) {
      family(name, 'gauge', help, () =>
        read().map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}`),
      )
    },
    render: () => `${families.flatMap((lines) => lines()).join('\n')}\n`,
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escape(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escape(value: string): string {
  if (!/[\\"\n]/.test(value)) return value
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
