/** Blocks of a tar file: POSIX ustar, with pax records for what does not fit. */
const BLOCK = 512
const NAME_MAX = 100
/** Eleven octal digits: larger ones go into a pax record. */
const SIZE_MAX = 0o77777777777

/** Two empty blocks end the file. */
export const TAR_END = Buffer.alloc(2 * BLOCK)

/** What comes before the bytes of a file. `modifiedS`: seconds since 1970. */
export function tarHead(path: string, sizeBytes: number, modifiedS: number): Buffer {
  const records: string[] = []
  if (Buffer.byteLength(path) > NAME_MAX) records.push(paxRecord('path', path))
  if (sizeBytes > SIZE_MAX) records.push(paxRecord('size', String(sizeBytes)))
  const own = header(path, Math.min(sizeBytes, SIZE_MAX), modifiedS, '0')
  if (records.length === 0) return own
  const pax = Buffer.from(records.join(''))
  const before = header('pax', pax.length, modifiedS, 'x')
  return Buffer.concat([before, pax, tarPadding(pax.length), own])
}

/** What comes after the bytes of a file: up to the next whole block. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK - (sizeBytes % BLOCK)) % BLOCK)
}

/** Bytes that a file takes in a tar, with all that belongs to it. */
export function tarBytes(path: string, sizeBytes: number): number {
  return tarHead(path, sizeBytes, 0).length + sizeBytes + tarPadding(sizeBytes).length
}

function header(path: string, sizeBytes: number, modifiedS: number, type: '0' | 'x'): Buffer {
  const block = Buffer.alloc(BLOCK)
  Buffer.from(path).copy(block, 0, 0, NAME_MAX)
  const octal = (value: number, at: number, digits: number) =>
    block.write(`${Math.floor(value).toString(8).padStart(digits, '0')}\0`, at, 'latin1')
  octal(0o600, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(sizeBytes, 124, 11)
  octal(modifiedS, 136, 11)
  block.write(' '.repeat(8), 148, 'latin1')
  block.write(type, 156, 'latin1')
  block.write('ustar\x0000', 257, 'latin1')
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

/** `<length> <key>=<value>\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}
