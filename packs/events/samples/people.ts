import { companyWords, firstNames, lastNames, mailDomains, suffixes } from './pools.ts'

export interface Person {
  /** What stands before the @. */
  readonly local: string
  readonly domain: string
  readonly isMailProvider: boolean
  /** The public suffix has more than one label. */
  readonly hasLongSuffix: boolean
}

/**
 * People and companies by number: number n is the same one in every month and at every size, so
 * that companies come back. Low numbers are drawn more often (see `skewed`).
 */
export function personOf(number: number, companies: number): Person {
  const first = pick(firstNames, number)
  const last = pick(lastNames, number * 37 + Math.floor(number / firstNames.length))
  const round = Math.floor(number / (firstNames.length * lastNames.length))
  const local = round === 0 ? first + last : `${first}${last}${round + 1}`
  const chance = scatter(number, 0x9e3779b1)
  if (chance < 0.35) {
    const domain = pick(mailDomains, Math.floor((chance / 0.35) * mailDomains.length))
    return { local, domain, isMailProvider: true, hasLongSuffix: false }
  }
  return {
    local,
    ...companyOf(skewed(scatter(number, 0x85ebca6b), companies)),
    isMailProvider: false,
  }
}

/** The domain of a company; every ninth writes from a host of its own (`mail.…`). */
function companyOf(number: number): { readonly domain: string; readonly hasLongSuffix: boolean } {
  const first = pick(companyWords, number)
  const second = Math.floor(number / companyWords.length)
  const round = Math.floor(second / companyWords.length)
  const name =
    second === 0 ? first : `${first}-${pick(companyWords, second)}${round === 0 ? '' : round + 1}`
  const suffix = pick(suffixes, Math.floor(scatter(number, 0xc2b2ae35) * suffixes.length))
  const host = number % 9 === 4 ? 'mail.' : ''
  return { domain: `${host}${name}.${suffix}`, hasLongSuffix: suffix.includes('.') }
}

/** 0 … size − 1, number n with a weight of about 1 / (n + 1): Zipf's law by its inverse. */
export function skewed(chance: number, size: number): number {
  return Math.min(size - 1, Math.floor(Math.exp(chance * Math.log(size + 1))) - 1)
}

/** A fixed number in [0, 1) for each number (multiplicative hashing, Knuth 6.4). */
function scatter(number: number, factor: number): number {
  const mixed = Math.imul(number + 1, factor)
  return (Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> 0) / 2 ** 32
}

function pick(pool: readonly string[], index: number): string {
  return pool[index % pool.length] ?? ''
}
