import { createServer, type AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

import { specialKind } from '#egress/address-kind.ts'
import { parseAddress } from '#egress/address.ts'

/** A server that nobody may reach. */
export interface Trap {
  readonly port: number
  /** Connections so far. */
  connections(): number
}

/** Listens on one address, or on all of this machine, IPv4 and IPv6; answers like a web server. */
export async function setTrap(t: TestContext, address = '::'): Promise<Trap> {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => {}).resume()
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ntrap')
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => {
      server.once('error', reject)
      server.listen(0, '0.0.0.0', resolve)
    })
    server.listen(0, address, resolve)
  })
  t.after(() => new Promise((resolve) => server.close(resolve)))
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

/** What the classifier says of an address that must be readable. */
export function kindOf(written: string): string | null {
  const address = parseAddress(written)
  if (!address) throw new Error(`${written} is not an address`)
  return specialKind(address)
}
