import assert from 'node:assert/strict'
import { BlockList } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'

import { embeddedIpv4 } from '#egress/address-kind.ts'
import { parseAddress } from '#egress/address.ts'
import { kindOf } from '#egress/trap.ts'

const octet = fc.oneof(fc.constantFrom(0, 1, 127, 168, 169, 172, 192, 254, 255), fc.nat(255))
const ipv4 = fc.tuple(octet, octet, octet, octet).map((parts) => parts.join('.'))
const group = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x2002, 0x2001, 0x5efe), fc.nat(0xffff))
const ipv6 = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => groups.map((value) => value.toString(16)).join(':'))

test('IPv4 that the special-purpose registry does not list is public, all else is not', () => {
  // Written as first and last address, unlike the ranges under test; judged by Node's own list.
  const special = new BlockList()
  for (const [first, last] of [
    ['0.0.0.0', '0.255.255.255'],
    ['10.0.0.0', '10.255.255.255'],
    ['100.64.0.0', '100.127.255.255'],
    ['127.0.0.0', '127.255.255.255'],
    ['168.63.129.16', '168.63.129.16'],
    ['169.254.0.0', '169.254.255.255'],
    ['172.16.0.0', '172.31.255.255'],
    ['192.0.0.0', '192.0.0.255'],
    ['192.0.2.0', '192.0.2.255'],
    ['192.31.196.0', '192.31.196.255'],
    ['192.52.193.0', '192.52.193.255'],
    ['192.88.99.0', '192.88.99.255'],
    ['192.168.0.0', '192.168.255.255'],
    ['192.175.48.0', '192.175.48.255'],
    ['198.18.0.0', '198.19.255.255'],
    ['198.51.100.0', '198.51.100.255'],
    ['203.0.113.0', '203.0.113.255'],
    ['224.0.0.0', '255.255.255.255'],
  ] as const) {
    special.addRange(first, last)
    assert.notEqual(kindOf(first), null, first)
    assert.notEqual(kindOf(last), null, last)
  }
  fc.assert(
    fc.property(ipv4, (address) => (kindOf(address) !== null) === special.check(address)),
    { numRuns: 2_000 },
  )
})

test('an address means the same however it is spelled', () => {
  fc.assert(
    fc.property(ipv6, (address) => {
      const { hostname } = new URL(`http://[${address}]`)
      const shortest = hostname.slice(1, -1)
      const last = address.split(':').slice(-2)
      const dots = last.flatMap((part) => {
        const value = Number.parseInt(part, 16)
        return [value >> 8, value & 0xff]
      })
      const dotted = `${address.split(':').slice(0, 6).join(':')}:${dots.join('.')}`
      for (const spelling of [shortest, dotted, address.toUpperCase(), `${address}%eth0`]) {
        assert.deepEqual(parseAddress(spelling), parseAddress(address), spelling)
      }
    }),
    { numRuns: 500 },
  )
})

test('no form of IPv6 that carries IPv4 is public, and each tells which one', () => {
  fc.assert(
    fc.property(ipv4, (inner) => {
      const hex = inner.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))
      const high = `${hex[0]}${hex[1]}`
      const low = `${hex[2]}${hex[3]}`
      for (const address of [
        `::ffff:${inner}`,
        `::ffff:0:${inner}`,
        `::${inner}`,
        `64:ff9b::${inner}`,
        `2002:${high}:${low}::1`,
        `2607:f8b0::5efe:${inner}`,
        `2607:f8b0::200:5efe:${inner}`,
      ]) {
        assert.notEqual(kindOf(address), null, address)
        const read = parseAddress(address)
        assert.deepEqual(read && embeddedIpv4(read), parseAddress(inner), address)
      }
    }),
    { numRuns: 500 },
  )
})

test('IPv6 is public in 2000::/3 only', () => {
  fc.assert(
    fc.property(ipv6, (address) => {
      const first = Number.parseInt(address, 16)
      return kindOf(address) !== null || (first >= 0x2000 && first <= 0x3fff)
    }),
    { numRuns: 1_000 },
  )
  for (const address of ['2606:4700::1111', '2a00:1450:4001::8a', '2400:cb00::1']) {
    assert.equal(kindOf(address), null, address)
  }
})

test('whatever is not an address is not taken for one', () => {
  const odd = [
    '',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '127.0.0.1.',
    '①.1.1.1',
    '1::2::3',
  ]
  for (const written of odd) assert.equal(parseAddress(written), null, written)
  fc.assert(fc.property(fc.string(), (written) => parseAddress(written) === null || true))
})
