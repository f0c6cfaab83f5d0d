import { parseRange, rangeHolds, type Address, type AddressRange } from '#egress/address.ts'

// What is not plainly the public internet is refused. IPv4 is public unless listed here (the IANA
// special-purpose registry, multicast, and one cloud's own service inside of public space); IPv6 is
// refused unless it lies in 2000::/3, the only part that is handed out, and outside of the exceptions.

const ipv4Kinds = ranges({
  'this network': ['0.0.0.0/8'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'],
  'carrier-grade NAT': ['100.64.0.0/10'],
  loopback: ['127.0.0.0/8'],
  'link-local': ['169.254.0.0/16'],
  'cloud platform': ['168.63.129.16/32'],
  reserved: [
    '192.0.0.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '240.0.0.0/4',
  ],
  documentation: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'],
  multicast: ['224.0.0.0/4'],
})

const ipv6Kinds = ranges({
  unspecified: ['::/128'],
  loopback: ['::1/128'],
  'IPv4-mapped': ['::ffff:0:0/96'],
  'IPv4-translated': ['::ffff:0:0:0/96'],
  'IPv4-compatible': ['::/96'],
  NAT64: ['64:ff9b::/96', '64:ff9b:1::/48'],
  discard: ['100::/64'],
  Teredo: ['2001::/32'],
  documentation: ['2001:db8::/32', '3fff::/20'],
  '6to4': ['2002::/16'],
  reserved: ['2001::/23', '2620:4f:8000::/48'],
  private: ['fc00::/7'],
  'link-local': ['fe80::/10'],
  'site-local': ['fec0::/10'],
  multicast: ['ff00::/8'],
})

const globalUnicast = rangeOf('2000::/3')

/** Where the IPv4 address lies in an IPv6 address of this range: so many bits from the right. */
const embeddings = (
  [
    ['::ffff:0:0/96', 0n],
    ['::ffff:0:0:0/96', 0n],
    ['::/96', 0n],
    ['64:ff9b::/96', 0n],
    ['2002::/16', 80n],
  ] as const
).map(([range, shift]) => ({ range: rangeOf(range), shift }))

/** Interface numbers of ISATAP (RFC 5214), which end in the IPv4 address that packets are sent to. */
const isatapInterfaces = [0x0000_5efen, 0x0200_5efen]

/** Why an address is not the public internet, in a word for people; null for a public one. */
export function specialKind(address: Address): string | null {
  if (address.family === 4) return firstKind(ipv4Kinds, address)
  const kind = firstKind(ipv6Kinds, address)
  if (kind !== null) return kind
  if (!rangeHolds(globalUnicast, address)) return 'reserved'
  return isIsatap(address) ? 'ISATAP' : null
}

/** The IPv4 address that packets to this IPv6 address end at; null when its form carries none. */
export function embeddedIpv4(address: Address): Address | null {
  if (address.family === 4) return null
  const shift = isIsatap(address)
    ? 0n
    : embeddings.find(({ range }) => rangeHolds(range, address))?.shift
  if (shift === undefined) return null
  return { family: 4, value: (address.value >> shift) & 0xffff_ffffn }
}

function isIsatap({ value }: Address): boolean {
  return isatapInterfaces.includes((value >> 32n) & 0xffff_ffffn)
}

function firstKind(kinds: readonly (readonly [string, AddressRange])[], address: Address) {
  return kinds.find(([, range]) => rangeHolds(range, address))?.[0] ?? null
}

/** In the order written: the first that holds an address names it. */
function ranges(byKind: Readonly<Record<string, readonly string[]>>) {
  return Object.entries(byKind).flatMap(([kind, written]) =>
    written.map((text) => [kind, rangeOf(text)] as const),
  )
}

function rangeOf(written: string): AddressRange {
  const range = parseRange(written)
  if (!range) throw new Error(`${written} is not a range`)
  return range
}
