import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { Mends } from '#model/mend.ts'
import { fill, skipMark, WINDOW_BYTES } from '#engine/convert/byte-window.ts'
import { CleanLines } from '#engine/convert/clean-lines.ts'
import { csvMender } from '#engine/convert/csv-mender.ts'
import { readHeader } from '#engine/convert/header.ts'
import type { Header } from '#engine/convert/header.ts'
import type { Mender } from '#engine/convert/mender.ts'
import { QuarantineFile } from '#engine/convert/quarantine-file.ts'
import { RecordJudge } from '#engine/convert/record-judge.ts'
import { RecordReader, faults } from '#engine/convert/record-reader.ts'
import { WorkingCopy } from '#engine/convert/working-copy.ts'
import { HeldRecords } from '#engine/subjects/held-records.ts'
import type { SubjectRules } from '#model/subject.ts'

export interface Scan {
  readonly header: Header
  readonly rawSha256: string
  readonly received: number
  /** Of what is left: rows that a repair or fix made. */
  readonly repaired: number
  /** Of the mended rows; null: there are none. */
  readonly mendedDigest: string | null
  readonly quarantine: QuarantineFile
  /** Bad records that a rule about a subject keeps out of the quarantine. */
  readonly dropped: { readonly withheld: number; readonly erased: number }
  readonly clean: CleanCsv | CleanJson
}

/** What DuckDB reads: the good records and fillers, then those that were written anew. */
export interface CleanCsv extends Pick<
  WorkingCopy,
  'path' | 'rewrittenPath' | 'fieldCount' | 'hasRewritten' | 'hasFillers'
> {
  readonly kind: 'csv'
  /** Rows that were mended, as `CleanJson`; null: there are none. */
  readonly mendedPath: string | null
}

/** Rows, each a flat object of texts by column (`f0`, `f1`, …); NULL is a key that is not there. */
export interface CleanJson {
  readonly kind: 'json'
  readonly path: string
}

export interface ScanRequest {
  readonly source: SourceDefinition
  readonly rules: SubjectRules | null
  readonly mends: Mends | null
  /** The attempt's own file; what is not a good record is blanked in it. */
  readonly path: string
  readonly location: string
  readonly tempFolder: string
  readonly signal: AbortSignal
  readonly onProgress: (bytes: number) => void
}

/**
 * The one pass over the bytes: their hash, their encoding, the framing of records and the verdict
 * on each. What is wrong as a whole throws; what is wrong with one record goes to the quarantine.
 */
export async function scanFile(request: ScanRequest): Promise<Scan> {
  const { source, rules, mends, path, location, tempFolder } = request
  const reader = new RecordReader(WINDOW_BYTES)
  const quarantine = new QuarantineFile(join(tempFolder, 'quarantine.ndjson'))
  let copy: WorkingCopy | null = null
  const digest = createHash('sha256')
  let header: Header | null = null
  let judge: RecordJudge | null = null
  let held: HeldRecords | null = null
  let mender: Mender | null = null
  const handle = await open(path, 'r')
  try {
    let base = 0
    let lastReport = 0
    while (!reader.final) {
      request.signal.throwIfAborted()
      base += reader.next
      const room = reader.makeRoom()
      const bytesRead = await fill(handle, room)
      digest.update(room.subarray(0, bytesRead))
      reader.end += bytesRead
      reader.final = bytesRead < room.length
      if (base === 0 && reader.start === 0 && !header) skipMark(reader, location)
      const suspicious = isSuspicious(reader)
      if (!header && reader.read()) {
        header = readHeader(source, location, headerNames(reader, source, location))
        const { returnEnded } = reader
        const fieldCount = header.fieldCount + (returnEnded ? 1 : 0)
        copy = new WorkingCopy(path, join(tempFolder, 'rewritten.csv'), fieldCount)
        copy.remove(0, reader.next)
        held = rules && new HeldRecords(source, rules, indexIn(source, header))
        const lines = new CleanLines(join(tempFolder, 'mended.ndjson'))
        mender = mends && csvMender({ source, mends, header, lines, held })
        judge = new RecordJudge(reader, returnEnded, source, header, copy, quarantine, held, mender)
      }
      judge?.judgeWindow(base, suspicious)
      if (base + reader.end - lastReport > 32e6 || reader.final) {
        lastReport = base + reader.end
        request.onProgress(lastReport)
      }
    }
  } finally {
    copy?.close()
    mender?.lines.close()
    quarantine.close()
    await handle.close()
  }
  if (!header || !judge || !copy) throw new MillraceError('source-empty', { location })
  return {
    header,
    rawSha256: digest.digest('hex'),
    received: judge.received,
    repaired: mender?.repaired ?? 0,
    mendedDigest: mender?.digest ?? null,
    quarantine,
    dropped: { withheld: held?.withheld ?? 0, erased: held?.erased ?? 0 },
    clean: {
      kind: 'csv',
      path: copy.path,
      rewrittenPath: copy.rewrittenPath,
      fieldCount: copy.fieldCount,
      hasRewritten: copy.hasRewritten,
      hasFillers: copy.hasFillers,
      mendedPath: mender?.lines.hasRows ? mender.lines.path : null,
    },
  }
}

function indexIn(
  source: SourceDefinition,
  { declared }: Header,
): (column: string) => number | null {
  return (column) => declared[source.columns.findIndex(({ name }) => name === column)] ?? null
}

/** True when some record of the window may hold bytes that are not UTF-8, or NUL. */
function isSuspicious(reader: RecordReader): boolean {
  const { buffer, next, end, final } = reader
  const lastLine = final ? end : buffer.lastIndexOf(10, end - 1) + 1
  const window = buffer.subarray(next, Math.max(next, lastLine))
  return !isUtf8(window) || window.includes(0)
}

function headerNames(reader: RecordReader, source: SourceDefinition, location: string): string[] {
  if (reader.fault !== faults.none || !isUtf8(reader.buffer.subarray(reader.start, reader.next))) {
    const message = 'its quotes do not match, or it is not UTF-8'
    throw new MillraceError('source-header', { dataset: source.name, location, message })
  }
  return Array.from({ length: reader.fieldCount }, (_, index) =>
    reader.buffer
      .toString('utf8', reader.fieldStart[index], reader.fieldEnd[index])
      .replaceAll('""', '"'),
  )
}
