import { MillraceError } from '#kernel/errors.ts'

const BLOCK = 512
/** Pax records of an archive hold a path and a size, nothing long. */
const PAX_MAX = 64 * 1024

export interface TarEntry {
  readonly path: string
  readonly sizeBytes: number
  /** To be read once; what is left unread is passed over. */
  readonly body: AsyncIterable<Buffer>
}

/**
 * The files of a tar, in their order, in constant memory. Only plain files are taken: a link, folder or
 * device, and bytes after the end, throw `archive-damaged`, which names the entry.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const input = createInput(source)
  let pax: Map<string, string> | null = null
  for (;;) {
    const block = await input.take(BLOCK)
    if (block.every((byte) => byte === 0)) break
    const head = parseHeader(block)
    const size = pax?.get('size')
    const path: string = pax?.get('path') ?? head.path
    const sizeBytes: number = size === undefined ? head.sizeBytes : wholeNumber(path, size)
    if (head.type === 'x') {
      if (pax !== null || sizeBytes > PAX_MAX)
        throw damaged(head.path, 'has too long a description')
      pax = parsePax(await input.take(sizeBytes))
      await input.take(paddingOf(sizeBytes))
      continue
    }
    pax = null
    if (head.type !== '0' && head.type !== '\0') {
      throw damaged(path, `is no plain file, but of the tar type "${head.type}"`)
    }
    let left = sizeBytes
    const body = async function* (): AsyncGenerator<Buffer> {
      while (left > 0) {
        const piece = await input.some(left)
        left -= piece.length
        yield piece
      }
    }
    yield { path, sizeBytes, body: body() }
    while (left > 0) left -= (await input.some(left)).length
    await input.take(paddingOf(sizeBytes))
  }
  await input.expectEnd()
}

interface Input {
  /** Exactly so many bytes. */
  take(bytes: number): Promise<Buffer>
  /** At least one byte, and at most so many. */
  some(bytesMax: number): Promise<Buffer>
  expectEnd(): Promise<void>
}

/** Tar files are padded to whole records, commonly of 10 KiB. */
const PADDING_MAX = 1024 * 1024

function createInput(source: AsyncIterable<Uint8Array>): Input {
  const chunks = source[Symbol.asyncIterator]()
  let held: Buffer = Buffer.alloc(0)

  async function more(): Promise<boolean> {
    const next = await chunks.next()
    if (next.done) return false
    const { buffer, byteOffset, byteLength } = next.value
    const chunk = Buffer.from(buffer, byteOffset, byteLength)
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    return true
  }

  return {
    async take(bytes) {
      while (held.length < bytes) if (!(await more())) throw cutShort()
      const taken = held.subarray(0, bytes)
      held = held.subarray(bytes)
      return taken
    },
    async some(bytesMax) {
      while (held.length === 0) if (!(await more())) throw cutShort()
      const taken = held.subarray(0, bytesMax)
      held = held.subarray(taken.length)
      return taken
    },
    async expectEnd() {
      let bytes = 0
      do {
        bytes += held.length
        if (bytes > PADDING_MAX || held.some((byte) => byte !== 0)) {
          throw damaged('its end', 'is followed by further bytes')
        }
        held = Buffer.alloc(0)
      } while (await more())
    },
  }
}

function parseHeader(block: Buffer): { path: string; sizeBytes: number; type: string } {
  const text = (from: number, to: number) => block.toString('utf8', from, to).replace(/\0.*$/s, '')
  const path = text(0, 100)
  const sum = Number.parseInt(text(148, 156).trim(), 8)
  const own = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0)
  if (sum !== own || text(257, 262) !== 'ustar')
    throw damaged(path || 'an entry', 'has no tar header')
  const prefix = text(345, 500)
  const size = text(124, 136).trim()
  if (!/^[0-7]{1,11}$/.test(size)) throw damaged(path, 'has a size that is no octal number')
  return {
    path: prefix === '' ? path : `${prefix}/${path}`,
    sizeBytes: Number.parseInt(size, 8),
    type: String.fromCharCode(block[156] ?? 0),
  }
}

function parsePax(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>()
  let at = 0
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at)
    const length = Number(bytes.toString('latin1', at, space))
    const record = bytes.toString('utf8', space + 1, at + length)
    const [, key, value] = /^(path|size)=(.*)\n$/s.exec(record) ?? []
    if (!Number.isSafeInteger(length) || length <= 0 || key === undefined || value === undefined) {
      throw damaged(record.slice(0, 40), 'is a description that no archive has')
    }
    records.set(key, value)
    at += length
  }
  return records
}

function wholeNumber(path: string, text: string): number {
  const value = Number(text)
  if (!/^\d{1,15}$/.test(text)) throw damaged(path, 'has a size that is no number')
  return value
}

function paddingOf(sizeBytes: number): number {
  return (BLOCK - (sizeBytes % BLOCK)) % BLOCK
}

function cutShort(): MillraceError {
  return damaged('its end', 'is missing: the file was cut short')
}

function damaged(entry: string, problem: string): MillraceError {
  return new MillraceError('archive-damaged', { entry, problem })
}
