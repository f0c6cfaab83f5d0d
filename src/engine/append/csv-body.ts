import { ESCAPED, RecordReader } from '#engine/convert/record-reader.ts'

/** Takes the records of a body apart that lies in memory as a whole. */
export function readerOf(body: Buffer): RecordReader {
  const reader = new RecordReader(0)
  // One byte behind the end belongs to the reader.
  reader.buffer = Buffer.alloc(body.length + 1)
  body.copy(reader.buffer)
  reader.end = body.length
  reader.final = true
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) reader.next = 3
  return reader
}

export function fieldText(reader: RecordReader, index: number): string {
  const { buffer, fieldStart, fieldEnd, fieldForm } = reader
  const text = buffer.toString('utf8', fieldStart[index], fieldEnd[index])
  return fieldForm[index] === ESCAPED ? text.replaceAll('""', '"') : text
}

export function isBlank(bytes: Buffer): boolean {
  for (const byte of bytes) if (byte > 32) return false
  return true
}
