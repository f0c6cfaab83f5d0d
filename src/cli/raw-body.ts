import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'

import { MillraceError } from '#kernel/errors.ts'
import type { RawBody } from '#operations/operation.ts'

const endings: Readonly<Record<string, string>> = {
  csv: 'csv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
}
const codings: Readonly<Record<string, string>> = { gz: 'gzip', zst: 'zstd' }

/**
 * Bytes of a file, or of the standard input (`-`), as the fields of an operation that takes them;
 * format and compression go by the file's name where nobody says them.
 */
export async function readRawBody(
  { field, formatField, encodingField, formats }: RawBody,
  path: string,
  said: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const parts = path.toLowerCase().split('.').slice(1)
  const coding = codings[parts.at(-1) ?? '']
  const ending = endings[(coding === undefined ? parts.at(-1) : parts.at(-2)) ?? '']
  const format = said[formatField] ?? ending
  if (format === undefined) {
    const known = [...new Set(Object.values(formats))].join(', ')
    const message = `say how ${path === '-' ? 'the standard input' : path} is written: --${formatField} ${known}`
    throw new MillraceError('usage-invalid', { message })
  }
  const encoding = said[encodingField] ?? coding
  return {
    [field]: path === '-' ? await buffer(process.stdin) : await bytesOf(path),
    [formatField]: format,
    ...(encoding !== undefined && { [encodingField]: encoding }),
  }
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (error) {
    const message = `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`
    throw new MillraceError('usage-invalid', { message }, { cause: error })
  }
}
