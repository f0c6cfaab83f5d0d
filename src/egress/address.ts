import { isIPv4, isIPv6 } from 'node:net'

/** An IP address as a number: two spellings of one address are equal. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

/** All addresses that share their first `bits` bits with `base`. */
export interface AddressRange {
  readonly base: Address
  readonly bits: number
}

/**
 * Reads dotted decimal IPv4 and every spelling of IPv6, a zone (`%eth0`) left out. Null for anything
 * else: the short and octal forms of IPv4 are names to this function, as they are to `node:net`.
 */
export function parseAddress(written: string): Address | null {
  if (isIPv4(written)) return { family: 4, value: ipv4Value(written) }
  if (!isIPv6(written)) return null
  return { family: 6, value: ipv6Value(written.split('%')[0] ?? '') }
}

/** Reads `10.0.0.0/8` and `fd00::/8`. Null when it is not a range or has bits beyond its length. */
export function parseRange(written: string): AddressRange | null {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(written)
  const base = parseAddress(match?.[1] ?? '')
  const bits = Number(match?.[2])
  if (!match || !base || bits > widthOf(base)) return null
  const range = { base, bits }
  return base.value === networkOf(base.value, range) ? range : null
}

export function rangeHolds(range: AddressRange, address: Address): boolean {
  return (
    address.family === range.base.family && networkOf(address.value, range) === range.base.value
  )
}

export function widthOf(address: Address): 32 | 128 {
  return address.family === 4 ? 32 : 128
}

function networkOf(value: bigint, { base, bits }: AddressRange): bigint {
  const hostBits = BigInt(widthOf(base) - bits)
  return (value >> hostBits) << hostBits
}

function ipv4Value(dotted: string): bigint {
  return dotted.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

function ipv6Value(written: string): bigint {
  const dotted = /[^:]+\.[^:]+$/.exec(written)?.[0]
  const colons = dotted === undefined ? written : written.replace(dotted, groupsOf(dotted))
  const [head = '', tail] = colons.split('::')
  const first = head === '' ? [] : head.split(':')
  const last = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - first.length - last.length }, () => '0')
  return [...first, ...zeros, ...last].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  )
}

/** `127.0.0.1` at the end of an IPv6 address, as its two groups `7f00:1`. */
function groupsOf(dotted: string): string {
  const value = ipv4Value(dotted)
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
}
