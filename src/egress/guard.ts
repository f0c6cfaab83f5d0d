import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'

import { parseAddress, type Address } from '#egress/address.ts'
import { embeddedIpv4, specialKind } from '#egress/address-kind.ts'
import type { AllowList } from '#egress/allow-list.ts'
import { MillraceError } from '#kernel/errors.ts'

/** All addresses of a name, A and AAAA; rejects with the codes of `node:dns`. */
export type Resolve = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>

export interface CheckedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** The rule of which places may be called. The same object judges what is saved, tested and called. */
export interface Guard {
  /** The addresses to connect to and no others: all of the host's, or `egress-denied` if one is refused. */
  resolve(host: string, port: number): Promise<readonly CheckedAddress[]>
  /** Throws `egress-denied` unless the address may be called. */
  checkAddress(host: string, address: string, port: number): CheckedAddress
}

/** The machine's own way to resolve, `/etc/hosts` included. */
export const resolveOnMachine: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' })

export function createGuard(allow: AllowList, resolve: Resolve): Guard {
  /** Why an address is refused; null when it may be called. */
  const refusal = (address: Address, port: number): string | null => {
    const kind = specialKind(address)
    if (kind === null) return null
    if (!allow.permitsAddress(address, port)) return kind
    // An allowed range of NAT64 or the like is a way to reach IPv4, not a permission for all of it.
    const inner = embeddedIpv4(address)
    const innerKind = inner && refusal(inner, port)
    return innerKind && `${kind} of ${innerKind}`
  }

  const guard: Guard = {
    checkAddress(host, written, port) {
      const address = parseAddress(written)
      const kind = address ? refusal(address, port) : 'not an address'
      if (address && (kind === null || allow.permitsHost(host, port))) {
        return { address: written, family: address.family }
      }
      throw new MillraceError('egress-denied', { host, port, address: written, kind })
    },

    async resolve(host, port) {
      if (isIP(host) !== 0) return [guard.checkAddress(host, host, port)]
      const found = await resolve(host)
      if (found.length === 0) {
        throw Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' })
      }
      return found.map(({ address }) => guard.checkAddress(host, address, port))
    },
  }
  return guard
}
