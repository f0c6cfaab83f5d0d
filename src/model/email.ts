import { domainToASCII } from 'node:url'

/** RFC 5321: what a path holds without its angle brackets. */
const LENGTH_MAX = 254

/**
 * An e-mail address as it is kept and compared: composed (NFC), in lower case, the domain as DNS
 * writes it. Null for what cannot be one address.
 */
export function normalEmail(text: string): string | null {
  const [, local, domain] = /^([^\s@<>(),;:\\"[\]\p{C}]{1,64})@([^\s@]+)$/u.exec(text.trim()) ?? []
  if (local === undefined || domain === undefined || /^\.|\.\.|\.$/.test(local)) return null
  const host = domainToASCII(domain.toLowerCase())
  if (!/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/.test(host)) return null
  const email = `${local.normalize('NFC').toLowerCase()}@${host}`
  return email.length <= LENGTH_MAX ? email : null
}
