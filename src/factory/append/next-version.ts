import type {
  GrownFile,
  GrownVersion,
  NextVersion,
  PartitionSums,
  StoredSums,
} from '#catalog/append-publish.ts'
import type { AppendResult, SegmentPartition, SumsText } from '#engine/append/append-job.ts'
import { addSums, sumsOf, sumsText } from '#engine/append/segment-partitions.ts'
import { dataVersionOf, noRows } from '#engine/row-hash/row-hash.ts'
import type { AppendSource } from '#factory/append/parts.ts'
import { sha256 } from '#kernel/hash.ts'
import type { ObservedValue, ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SourceOrigin } from '#model/run.ts'

/** What a segment brings to one partition. */
export interface Growth {
  readonly partition: PartitionKey
  /** Null: no row of the segment's file is its own. */
  readonly segment: SegmentPartition | null
  /** The version that is there; null: none. */
  readonly former: GrownVersion | null
  /** The segment holds all rows of the former, too. */
  readonly isWhole: boolean
  /** Rows that were held back, where the partition is the one that keeps them. */
  readonly held: AppendResult['quarantineReasons']
  /** They stand in place of all that were held back before. */
  readonly isHeldAnew: boolean
  readonly added: NextVersion['added']
  /** When the newest request arrived. */
  readonly at: Date
  readonly bytes: number
}

/** The version after a segment: what it holds is told from sums, without a look at the former rows. */
export function nextVersion(
  source: AppendSource,
  columns: readonly ResultColumn[],
  growth: Growth,
): NextVersion {
  const { partition, segment, former, isWhole, added } = growth
  const base = isWhole ? null : (former?.sums ?? null)
  const sums = joined(base, segment)
  const dataVersion = versionOf(columns, sums)
  return {
    partition,
    fingerprint: sha256(`${source.codeVersion}\nappend\n${dataVersion}\n`),
    codeVersion: source.codeVersion,
    dataVersion,
    rows: sums.rows,
    columns,
    sums,
    observed: source.observes ? observedValues(columns, sums, former) : null,
    origin: originAfter(source, growth, sums, dataVersion),
    checks: segment?.checks ?? former?.checks ?? [],
    formerId: former?.id ?? null,
    kept: keptFiles(growth),
    added,
  }
}

function keptFiles({ former, isWhole, isHeldAnew }: Growth): readonly GrownFile[] {
  return (former?.files ?? []).filter(({ role }) => !(role === 'data' ? isWhole : isHeldAnew))
}

function joined(base: PartitionSums | null, segment: SegmentPartition | null): PartitionSums {
  const observed: Record<PartitionKey, StoredSums> = { ...base?.observed }
  for (const [value, own] of Object.entries(segment?.observed ?? {})) {
    observed[value] = plus(observed[value], own)
  }
  return { ...plus(base ?? undefined, segment?.sums), observed }
}

function plus(a: StoredSums | undefined, b: SumsText | undefined): StoredSums {
  return sumsText(addSums(a ? sumsOf(a) : noRows, b ? sumsOf(b) : noRows))
}

function versionOf(columns: readonly ResultColumn[], sums: StoredSums): string {
  return dataVersionOf(columns, sumsOf(sums))
}

/** A value that is there no more stays named, so that what read it is reached. */
function observedValues(
  columns: readonly ResultColumn[],
  { observed }: PartitionSums,
  former: GrownVersion | null,
): ObservedValue[] {
  const gone = (former?.observed ?? [])
    .filter(({ value }) => !(value in observed))
    .map(({ value }) => ({ value, dataVersion: 'gone:0', rows: 0 }))
  const present = Object.entries(observed)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([value, own]) => ({ value, dataVersion: versionOf(columns, own), rows: own.rows }))
  return [...present, ...gone]
}

function originAfter(
  source: AppendSource,
  { former, segment, held, isHeldAnew, at, bytes }: Growth,
  sums: PartitionSums,
  dataVersion: string,
): SourceOrigin {
  const before = former?.origin
  const formerly = isHeldAnew ? [] : (before?.reasons ?? [])
  const reasons = new Map(formerly.map(({ reason, rows }) => [reason, rows]))
  for (const { reason, rows } of held) reasons.set(reason, (reasons.get(reason) ?? 0) + rows)
  const quarantined = [...reasons.values()].reduce((sum, rows) => sum + rows, 0)
  // Which of the rows that an erasure left had been mended is not told; there are no more of them.
  const repaired = Math.min((before?.repaired ?? 0) + (segment?.repaired ?? 0), sums.rows)
  return {
    location: `append:${source.name}`,
    etag: dataVersion,
    sizeBytes: (before?.sizeBytes ?? 0) + bytes,
    modifiedAt: at.toISOString(),
    sha256: '',
    received: sums.rows + quarantined,
    accepted: sums.rows - repaired,
    repaired,
    quarantined,
    reasons: Array.from(reasons, ([reason, rows]) => ({ reason, rows })),
  }
}
