/** Bytes that are looked at. */
const HEAD_BYTES = 65_536

export interface Head {
  readonly text: string
  /** All of the file. */
  readonly isWhole: boolean
  readonly encoding: 'UTF-8' | 'UTF-16' | 'Latin-1'
  readonly isGzip: boolean
}

/** The beginning of a file as text; nothing of it leaves the browser. Null: it is no text. */
export async function readHead(file: Blob): Promise<Head | null> {
  const begun = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer())
  const isGzip = begun[0] === 0x1f && begun[1] === 0x8b
  const bytes = isGzip ? await unzipped(begun) : begun
  const isWhole = file.size <= HEAD_BYTES
  if (isParquet(bytes)) return null
  return { ...decoded(bytes, isWhole), isWhole, isGzip }
}

const PARQUET = [0x50, 0x41, 0x52, 0x31]

function isParquet(bytes: Uint8Array): boolean {
  return PARQUET.every((byte, at) => bytes[at] === byte)
}

function decoded(bytes: Uint8Array, isWhole: boolean): Pick<Head, 'text' | 'encoding'> {
  const [a, b] = bytes
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    const text = new TextDecoder(a === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes)
    return { text, encoding: 'UTF-16' }
  }
  try {
    // A letter that is cut at the end of the head is no fault.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole })
    return { text, encoding: 'UTF-8' }
  } catch {
    return { text: new TextDecoder('latin1').decode(bytes), encoding: 'Latin-1' }
  }
}

/** As much as can be read of a file that is cut. */
async function unzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let size = 0
  try {
    while (size < HEAD_BYTES) {
      const { done, value } = await reader.read()
      if (done) break
      parts.push(value)
      size += value.length
    }
  } catch {
    // The rest of it was not read.
  }
  await reader.cancel().catch(() => {})
  const whole = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
