interface Event {
  readonly kind: string
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Several events of one thing, as one line. */
export interface News {
  readonly key: string
  readonly kind: string
  /** Null: it is about no dataset. */
  readonly dataset: string | null
  /** Run, report, delivery: what the newest of them names. */
  readonly thing: string | null
  /** Partitions, or events where it has none. */
  readonly count: number
  readonly newest: string | null
  readonly rows: number
  readonly at: string
}

/** What is no news to people: that something begins. */
const quiet = new Set(['run.started', 'subscription.test'])

/** Newest first. */
export function newsOf(events: readonly Event[]): News[] {
  const lines = new Map<string, News & { readonly partitions: Set<string> }>()
  for (const { kind, at, data } of events) {
    if (quiet.has(kind)) continue
    const dataset = textOf(data['dataset'])
    const thing = textOf(data['run']) ?? textOf(data['report']) ?? textOf(data['delivery'])
    const key = `${kind} ${dataset ?? ''}`
    const former = lines.get(key)
    const partitions = former?.partitions ?? new Set<string>()
    for (const one of [data['partitions'] ?? data['partition'] ?? []].flat()) {
      if (typeof one === 'string') partitions.add(one)
    }
    const events = (former?.count ?? 0) + 1
    lines.set(key, {
      key,
      kind,
      dataset,
      thing,
      partitions,
      count: partitions.size > 0 ? partitions.size : events,
      newest: [...partitions].toSorted().at(-1) ?? null,
      rows: (former?.rows ?? 0) + numberOf(data['rows']) - numberOf(data['before']),
      at,
    })
  }
  return [...lines.values()].toSorted((a, b) => (a.at < b.at ? 1 : -1))
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null)
const numberOf = (value: unknown) => (typeof value === 'number' ? value : 0)
