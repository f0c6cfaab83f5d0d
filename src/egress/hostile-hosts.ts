/** Spellings of 127.0.0.1 itself: with everything allowed, each leads there. */
export const loopbackHosts = [
  ...words(`
    127.0.0.1 127.1 127.0.1 0x7f.1 0x7f000001 0X7F.0.0.1 2130706433 017700000001 0177.0.0.1 0177.1
    127.0.0.1. 127.1. ①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127.0.0.%31 %31%32%37.1
    loopback.test LOOPBACK.test.
  `),
  '127.0.0\t.1',
]

/** Hosts that lead to anything but the public internet. Names that end in `.test` are the tests' own. */
export const specialHosts = words(`
  127.0.0.53 127.255.255.254 0.0.0.0 0 0x0 0.1 [::] [::1] [0:0::0:1]
  localhost LOCALHOST localhost. ｌocalhost loopback6.test mapped.test mixed.test mixed6.test
  [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1] [::ffff:0:127.0.0.1] [2607:f8b0::5efe:127.0.0.1]
  [64:ff9b::127.0.0.1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2001:0:7f00:1::80ff:fffe]
  10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 3232235777 0xa.1 012.1 [fd12::1] [fc00::1]
  169.254.169.254 2852039166 [::ffff:169.254.169.254] 169.254.169.254.nip.io
  metadata.google.internal [fd00:ec2::254] 100.100.100.200 192.0.0.192 168.63.129.16
  [fe80::1] [fec0::1] 100.64.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 192.88.99.1
  224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 [ff02::1] [2001:db8::1]
  [100::1] [3fff::1] [4000::1] [5f00::1] unreadable.test
`)

function words(list: string): string[] {
  return list.trim().split(/\s+/)
}
