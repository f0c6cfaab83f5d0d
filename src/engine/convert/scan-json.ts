import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'

import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import { fill, skipMark, WINDOW_BYTES } from '#engine/convert/byte-window.ts'
import { CleanLines } from '#engine/convert/clean-lines.ts'
import { JsonColumns } from '#engine/convert/json-columns.ts'
import { JsonDocument } from '#engine/convert/json-document.ts'
import { JsonLines, type JsonFrames } from '#engine/convert/json-frames.ts'
import { JsonJudge } from '#engine/convert/json-judge.ts'
import { jsonMender } from '#engine/convert/json-mender.ts'
import { QuarantineFile } from '#engine/convert/quarantine-file.ts'
import type { Scan, ScanRequest } from '#engine/convert/scan.ts'
import { HeldRecords } from '#engine/subjects/held-records.ts'

/** The one pass over a file of JSON; what it is for is said of the one over CSV (`scanFile`). */
export async function scanJson(request: ScanRequest): Promise<Scan> {
  const { source, rules, mends, path, location, tempFolder } = request
  const quarantine = new QuarantineFile(join(tempFolder, 'quarantine.ndjson'))
  const lines = new CleanLines(join(tempFolder, 'clean.ndjson'))
  const frames = framesOf(source.format, location)
  const columns = new JsonColumns(source)
  // Which field names whom is not told from records that are no rows: their whole text is looked through.
  const held = rules && new HeldRecords(source, rules, () => null)
  const mender = mends && jsonMender({ source, mends, columns, lines, held })
  const judge = new JsonJudge(frames, source, columns, lines, quarantine, held, mender)
  const digest = createHash('sha256')
  const handle = await open(path, 'r')
  try {
    let base = 0
    let lastReport = 0
    for (let isFirst = true; !frames.final; isFirst = false) {
      request.signal.throwIfAborted()
      base += frames.next
      const room = frames.makeRoom()
      const bytesRead = await fill(handle, room)
      digest.update(room.subarray(0, bytesRead))
      frames.end += bytesRead
      frames.final = bytesRead < room.length
      if (isFirst) skipMark(frames, location)
      if (frames instanceof JsonDocument) frames.base = base
      judge.judgeWindow(base, isSuspicious(frames))
      if (base + frames.end - lastReport > 32e6 || frames.final) {
        lastReport = base + frames.end
        request.onProgress(lastReport)
      }
    }
  } finally {
    lines.close()
    quarantine.close()
    await handle.close()
  }
  if (judge.received === 0 && frames instanceof JsonLines) {
    throw new MillraceError('source-empty', { location })
  }
  return {
    header: columns.header(),
    rawSha256: digest.digest('hex'),
    received: judge.received,
    repaired: mender?.repaired ?? 0,
    mendedDigest: mender?.digest ?? null,
    quarantine,
    dropped: { withheld: held?.withheld ?? 0, erased: held?.erased ?? 0 },
    clean: { kind: 'json', path: lines.path },
  }
}

function framesOf(format: SourceDefinition['format'], location: string): JsonFrames {
  if (format.kind !== 'json') return new JsonLines(WINDOW_BYTES)
  return new JsonDocument(WINDOW_BYTES, location, format.at?.split('.') ?? [])
}

/** True when some record of the window may hold bytes that are not UTF-8, or NUL. */
function isSuspicious({ buffer, next, end, final }: JsonFrames): boolean {
  // A character may go over the window's end.
  let last = end
  if (!final) while (last > next && ((buffer[last - 1] as number) & 0x80) !== 0) last--
  const window = buffer.subarray(next, last)
  return !isUtf8(window) || window.includes(0)
}
