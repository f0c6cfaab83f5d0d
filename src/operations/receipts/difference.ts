import type { VersionFacts } from '#catalog/receipt-lineage.ts'

/** Why one number is not another: what is different in what two answers came from. */
export interface Cause {
  readonly kind:
    | 'rows-arrived'
    | 'rows-left'
    | 'rows-changed'
    | 'rows-fixed'
    | 'rows-erased'
    | 'file-changed'
    | 'code'
    | 'added'
    | 'removed'
  readonly dataset: string
  /** Null: it concerns all partitions. */
  readonly partition: string | null
  readonly text: string
  /** Rows of the partition before and after. */
  readonly rowsBefore: number | null
  readonly rowsAfter: number | null
}

type Facts = Pick<
  VersionFacts,
  'dataset' | 'partition' | 'dataVersion' | 'codeVersion' | 'rows' | 'origin'
>

/**
 * Causes at their root: partitions of sources that hold other data, datasets that other code computed,
 * and partitions that one of the answers lacks. What follows from those is no cause of its own.
 */
export function causesBetween(before: readonly Facts[], after: readonly Facts[]): Cause[] {
  const then = byPartition(before)
  const now = byPartition(after)
  const causes: Cause[] = []
  const codes = new Set<string>()
  for (const [name, b] of now) {
    const a = then.get(name)
    if (!a) {
      if (b.origin) causes.push(cause('added', b, 'this source partition came in', null, b.rows))
      continue
    }
    if (a.codeVersion !== b.codeVersion && !codes.has(b.dataset)) {
      codes.add(b.dataset)
      const text = `the code of ${b.dataset} has changed`
      const { dataset } = b
      causes.push({
        kind: 'code',
        dataset,
        partition: null,
        text,
        rowsBefore: null,
        rowsAfter: null,
      })
    }
    if (a.dataVersion !== b.dataVersion && a.origin && b.origin) causes.push(sourceCause(a, b))
  }
  for (const [name, a] of then) {
    if (!now.has(name) && a.origin) {
      causes.push(
        cause('removed', a, 'this source partition is not part of it any more', a.rows, null),
      )
    }
  }
  return causes
}

function byPartition(facts: readonly Facts[]): ReadonlyMap<string, Facts> {
  return new Map(facts.map((one) => [`${one.dataset} ${one.partition}`, one]))
}

/** Two versions of one source partition that hold other rows. */
function sourceCause(a: Facts, b: Facts): Cause {
  const [was, is] = [a.origin, b.origin]
  if (!was || !is) return cause('rows-changed', b, 'its rows are others', a.rows, b.rows)
  const make = (kind: Cause['kind'], text: string) => cause(kind, b, text, a.rows, b.rows)
  if (was.sha256 === is.sha256) {
    const gone = (is.erased ?? 0) + (is.withheld ?? 0) - (was.erased ?? 0) - (was.withheld ?? 0)
    if (gone > 0) return make('rows-erased', `${gone} rows of subjects were taken out`)
    const fixed = was.quarantined - is.quarantined
    if (fixed > 0) return make('rows-fixed', `${fixed} quarantined rows were fixed`)
    if (is.repaired !== was.repaired) {
      return make('rows-fixed', `${is.repaired} rows are repaired, ${was.repaired} were before`)
    }
    return make('rows-changed', 'the same object was read with other rules')
  }
  const received = is.received - was.received
  if (received > 0) return make('rows-arrived', `its object has ${received} rows more`)
  if (received < 0) return make('rows-left', `its object has ${-received} rows fewer`)
  return make('file-changed', 'its object was replaced by one with as many rows')
}

function cause(
  kind: Cause['kind'],
  { dataset, partition }: Facts,
  text: string,
  rowsBefore: number | null,
  rowsAfter: number | null,
): Cause {
  return { kind, dataset, partition, text, rowsBefore, rowsAfter }
}
