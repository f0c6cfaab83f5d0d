import { MillraceError } from '#kernel/errors.ts'

/** No row of a catalog comes near it; more is an archive that wants to fill the memory. */
const LINE_BYTES_MAX = 64 * 1024 * 1024
const BATCH_BYTES = 1024 * 1024
const BATCH_ROWS = 1000
const NEWLINE = 0x0a

/** Lines of an entry, some at a time: about a megabyte or a thousand. Throws `archive-damaged`. */
export async function* readRows(
  path: string,
  body: AsyncIterable<Buffer>,
): AsyncGenerator<string[]> {
  let unended: Buffer[] = []
  let unendedBytes = 0
  let lines: string[] = []
  let bytes = 0
  for await (const piece of body) {
    let from = 0
    for (let to = piece.indexOf(NEWLINE); to >= 0; to = piece.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...unended, piece.subarray(from, to)])
      unended = []
      unendedBytes = 0
      from = to + 1
      if (line[0] !== 0x7b) throw damaged(path, 'has a line that is no JSON object')
      lines.push(line.toString('utf8'))
      bytes += line.length
      if (bytes < BATCH_BYTES && lines.length < BATCH_ROWS) continue
      yield lines
      lines = []
      bytes = 0
    }
    unended.push(piece.subarray(from))
    unendedBytes += piece.length - from
    if (unendedBytes > LINE_BYTES_MAX)
      throw damaged(path, `has a line of more than ${LINE_BYTES_MAX} bytes`)
  }
  if (unendedBytes > 0) throw damaged(path, 'ends in the middle of a line')
  if (lines.length > 0) yield lines
}

function damaged(entry: string, problem: string): MillraceError {
  return new MillraceError('archive-damaged', { entry, problem })
}
