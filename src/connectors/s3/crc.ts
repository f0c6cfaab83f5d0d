import { crc32 as zlibCrc32 } from 'node:zlib'

/** A running checksum; `digest` is the big-endian value in base 64, as S3 writes it. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void
  digest(): string
}

/** CRC-32 (ISO-HDLC), as in gzip. */
export function createCrc32(): RunningChecksum {
  let value = 0
  return {
    update: (bytes) => void (value = zlibCrc32(bytes, value)),
    digest: () => base64(value),
  }
}

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4), reflected polynomial 0x82f63b78. */
export function createCrc32c(): RunningChecksum {
  const table = (castagnoli ??= crcTable(0n, 0x82f63b78n).low)
  let value = 0xffffffff
  return {
    update(bytes) {
      let crc = value
      for (let i = 0; i < bytes.length; i++) {
        crc = (table[(crc ^ bytes[i]!) & 255]! ^ (crc >>> 8)) >>> 0
      }
      value = crc
    },
    digest: () => base64(value ^ 0xffffffff),
  }
}

/** CRC-64/NVME (NVM Express Base Specification 2.0, 5.2.1.3.4), reflected polynomial 0x9a6c9329ac4bc9b5. */
export function createCrc64Nvme(): RunningChecksum {
  const { high: tableHigh, low: tableLow } = (nvme ??= crcTable(0x9a6c9329n, 0xac4bc9b5n))
  let high = 0xffffffff
  let low = 0xffffffff
  return {
    update(bytes) {
      let [h, l] = [high, low]
      for (let i = 0; i < bytes.length; i++) {
        const index = (l ^ bytes[i]!) & 255
        l = ((l >>> 8) | (h << 24)) ^ tableLow[index]!
        h = (h >>> 8) ^ tableHigh[index]!
      }
      high = h >>> 0
      low = l >>> 0
    },
    digest: () => base64(high ^ 0xffffffff, low ^ 0xffffffff),
  }
}

interface CrcTable {
  readonly high: Uint32Array
  readonly low: Uint32Array
}
let castagnoli: Uint32Array | undefined
let nvme: CrcTable | undefined

/** Remainders of all bytes for a reflected polynomial of 64 bits (or of 32, with an upper half of 0). */
function crcTable(polynomialHigh: bigint, polynomialLow: bigint): CrcTable {
  const polynomial = (polynomialHigh << 32n) | polynomialLow
  const table: CrcTable = { high: new Uint32Array(256), low: new Uint32Array(256) }
  for (let index = 0; index < 256; index++) {
    let value = BigInt(index)
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n
    table.high[index] = Number(value >> 32n)
    table.low[index] = Number(value & 0xffffffffn)
  }
  return table
}

function base64(...words: number[]): string {
  const bytes = Buffer.alloc(words.length * 4)
  words.forEach((word, index) => bytes.writeUInt32BE(word >>> 0, index * 4))
  return bytes.toString('base64')
}
