import { isIPv6 } from 'node:net'

import {
  parseAddress,
  parseRange,
  rangeHolds,
  widthOf,
  type Address,
  type AddressRange,
} from '#egress/address.ts'
import { MillraceError } from '#kernel/errors.ts'

/** One thing that the operator allows. Without a port: all ports. */
type Entry = { readonly port: number | null } & (
  | { readonly range: AddressRange }
  | { readonly host: string }
)

export interface AllowList {
  /** True for a name, as it was asked for; whatever it resolves to is then the operator's word. */
  permitsHost(host: string, port: number): boolean
  permitsAddress(address: Address, port: number): boolean
}

/**
 * Reads the operator's list: names (`minio.internal`), addresses (`127.0.0.1`, `::1`) and ranges
 * (`10.0.0.0/8`), each with `:port` or for all ports; IPv6 with a port in brackets (`[::1]:9000`).
 * A name stands for itself, not for names below it. Throws one `settings-invalid` that lists every
 * entry that is none of these.
 */
export function parseAllowList(written: readonly string[]): AllowList {
  const parsed = written.map((text) => ({ text, entry: parseEntry(text.trim()) }))
  const problems = parsed
    .filter(({ entry }) => entry === null)
    .map(({ text }) => `"${text}" is not a host, an address or a range such as 10.0.0.0/8`)
  if (problems.length > 0) throw new MillraceError('settings-invalid', { problems })

  const entries = parsed.flatMap(({ entry }) => entry ?? [])
  const atPort = (port: number) => (entry: Entry) => entry.port === null || entry.port === port
  return {
    permitsHost(host, port) {
      const asked = withoutDot(host.toLowerCase())
      return entries.filter(atPort(port)).some((entry) => 'host' in entry && entry.host === asked)
    },
    permitsAddress(address, port) {
      return entries
        .filter(atPort(port))
        .some((entry) => 'range' in entry && rangeHolds(entry.range, address))
    },
  }
}

const notation = /^(?:\[([^[\]/]+)\]|([^[\]:/]+|[^[\]/]+(?=\/)))(\/\d+)?(?::(\d+))?$/

function parseEntry(written: string): Entry | null {
  if (isIPv6(written)) return rangeEntry(written, null)
  const match = notation.exec(written)
  if (!match) return null
  const [, bracketed, bare = '', bits = '', portText] = match
  const port = portText === undefined ? null : Number(portText)
  if (port !== null && (port < 1 || port > 65_535)) return null
  return bracketed === undefined && bits === ''
    ? hostEntry(bare, port)
    : rangeEntry(`${bracketed ?? bare}${bits}`, port)
}

function rangeEntry(written: string, port: number | null): Entry | null {
  const range = written.includes('/') ? parseRange(written) : exactly(parseAddress(written))
  return range && { range, port }
}

function exactly(address: Address | null): AddressRange | null {
  return address && { base: address, bits: widthOf(address) }
}

/** A name in the form that URLs give it; what a URL reads as an address (`127.1`) is that address. */
function hostEntry(written: string, port: number | null): Entry | null {
  const host = withoutDot(URL.parse(`http://${written}/`)?.hostname ?? '')
  if (parseAddress(host)) return rangeEntry(host, port)
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/.test(host) ? { host, port } : null
}

function withoutDot(host: string): string {
  return host.replace(/\.$/, '')
}
