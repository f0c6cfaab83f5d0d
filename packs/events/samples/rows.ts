import type { seededRandom } from 'millrace'

import { TIED, type Oddity } from './oddities.ts'
import { personOf, skewed, type Person } from './people.ts'
import { actions, countries, tagWords, uris } from './pools.ts'

/** One row as its file has it, and what the manifest counts of it. */
export interface Row {
  readonly line: string
  readonly person: Person | null
}

type Random = ReturnType<typeof seededRandom>

export interface Month {
  /** `2021-04`. */
  readonly key: string
  readonly rows: number
}

/**
 * Writes rows of one month in the order of their times. `odd` is what row `index` has of its own,
 * `ordinal` which one of its kind it is.
 */
export function createRowWriter(month: Month, random: Random) {
  const days = weightedDays(month.key)
  const people = Math.max(20, Math.floor(month.rows / 3))
  const companies = Math.max(12, Math.floor(month.rows / 200))
  const pick = (pool: readonly string[]) => pool[Math.floor(random.next() * pool.length)] ?? ''
  // Half of the rows come from anybody, half from the most active.
  const someone = () => {
    const chance = random.next()
    const number = chance < 0.5 ? Math.floor(chance * 2 * people) : skewed(chance * 2 - 1, people)
    return personOf(number, companies)
  }

  return (index: number, odd: Oddity | undefined, ordinal: number): Row => {
    const time = timeOf(days, index, month.rows)
    const person =
      odd === 'badEmail' || odd === 'tied' || odd === 'unusualDomain' ? null : someone()
    const email = person
      ? `${person.local}@${odd === 'upperCaseDomain' ? person.domain.toUpperCase() : person.domain}`
      : oddEmail(odd, ordinal)
    const timestamp =
      odd === 'dateOnly'
        ? time.slice(0, 10)
        : odd
          ? (oddTimestamp(odd, ordinal, days.before) ?? time)
          : time
    const id = odd === 'badId' ? pickBy(badIds, ordinal) : uuid(random)
    const ip =
      odd === 'badIp' ? pickBy(badIps, ordinal) : odd === 'ipv6' ? ipv6(random) : ipv4(random)
    const uri = odd === 'uriQuoted' ? pickBy(quotedUris, ordinal) : pick(uris)
    const tags = (odd && oddTags[odd]?.(pick(tagWords), ordinal)) ?? plainTags(random, pick)
    const fields = `${id},${timestamp},${email},${pick(countries)},${ip},${uri},${pick(actions)}`
    if (odd === 'fieldCount') {
      const line = ordinal % 2 === 0 ? fields : `${fields},"${tags}",surplus`
      return { line: `${line}\n`, person: null }
    }
    return { line: `${fields},"${tags}"\n`, person }
  }
}

const badIds = [
  'not-a-uuid',
  '',
  '12345',
  'd24173d9-b062-49a7-a856-74c89dcab4',
  'd24173d9b06249a7a85674c89dcab4a4',
]
const badEmails = [
  'nobody',
  'nobody@',
  '@example.com',
  'two@signs@example.com',
  'a space@example.com',
  'host@localhost',
  '',
  'dots@example..com',
]
const badIps = [
  '999.1.1.1',
  '1.2.3',
  'localhost',
  '',
  '1.2.3.4.5',
  '01.2.3.4',
  'fe80::1::2',
  '12345::',
]
const badTimestamps = ['2021-13-45', 'yesterday', '31/04/2021', '2021-02-30 10:00:00', '12:30:00']
const unreadableTags = ["['Mr', 'eat'", 'Mr eat PM', "{'Mr': 1}", "['Mr' eat]"]
// As they stand between the quotes of a CSV field.
const quotedUris = ['"search,advanced"', '"say ""hello"""', '"two\nlines"', '"a, ""b"", c"']
const unusualDomains = [
  'müller-söhne.de',
  'xn--mller-shne-ncb8k.de',
  '例え.jp',
  '食狮.公司.cn',
  'xn--85x722f.xn--55qx5d.cn',
  '192.168.0.1',
]

function oddEmail(odd: Oddity | undefined, ordinal: number): string {
  if (odd === 'badEmail') return pickBy(badEmails, ordinal)
  if (odd === 'tied') return `twin@tied-${(ordinal % TIED) + 1}.com`
  return `zoë@${pickBy(unusualDomains, ordinal)}`
}

function oddTimestamp(odd: Oddity, ordinal: number, dayBefore: string): string | undefined {
  if (odd === 'timestampMissing') return ''
  if (odd === 'timestampUnreadable') return pickBy(badTimestamps, ordinal)
  if (odd !== 'spill') return undefined
  return ordinal % 2 === 0 ? dayBefore : `${dayBefore} 23:${twoDigits(ordinal % 60)}:00`
}

/** Python's way of writing the list, with the quotes of the CSV field doubled. */
const oddTags: Partial<Record<Oddity, (word: string, ordinal: number) => string>> = {
  tagsUnreadable: (_word, ordinal) => pickBy(unreadableTags, ordinal),
  tagsEmpty: () => '[]',
  tagsApostrophe: (word) => `['${word}', ""it's"", ""${word}'s""]`,
  tagsBothQuotes: (word) => `['${word}', 'it\\'s ""${word}""']`,
  tagsEscapes: (word, ordinal) =>
    pickBy(
      [
        `['line\\nbreak', 'tab\\t${word}']`,
        `['back\\\\slash', 'caf\\xe9']`,
        `['\\u65e5\\u672c', '\\U0001f600']`,
      ],
      ordinal,
    ),
  tagsUnicode: (word) => `['café', '日本', '${word}', '😀']`,
}

function plainTags(random: Random, pick: (pool: readonly string[]) => string): string {
  const items = 1 + Math.floor(random.next() * 4)
  let list = `['${pick(tagWords)}'`
  for (let item = 1; item < items; item++) list += `, '${pick(tagWords)}'`
  return `${list}]`
}

interface Days {
  readonly keys: readonly string[]
  /** Share of the month's rows up to and with each day. */
  readonly upTo: readonly number[]
  readonly before: string
}

/** Working days are three times as busy as weekends. */
function weightedDays(month: string): Days {
  const first = Date.parse(`${month}-01T00:00:00Z`)
  const dayMs = 86_400_000
  const keys: string[] = []
  for (let at = first; dayOf(at).startsWith(month); at += dayMs) keys.push(dayOf(at))
  const weights = keys.map((key) => ([0, 6].includes(new Date(key).getUTCDay()) ? 1 : 3))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  const upTo = weights.map((weight) => (sum += weight) / total)
  return { keys, upTo, before: dayOf(first - dayMs) }
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10)
}

function timeOf(days: Days, index: number, rows: number): string {
  const share = (index + 0.5) / rows
  let day = 0
  while (share > (days.upTo[day] ?? 1)) day++
  const from = days.upTo[day - 1] ?? 0
  const seconds = Math.min(
    86_399,
    Math.floor(((share - from) / ((days.upTo[day] ?? 1) - from)) * 86_400),
  )
  const clock = `${twoDigits(Math.floor(seconds / 3600))}:${twoDigits(Math.floor(seconds / 60) % 60)}:${twoDigits(seconds % 60)}`
  return `${days.keys[day]} ${clock}`
}

// 256 short texts stay in the processor's cache; this is the hot spot of large samples.
const hexBytes = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

function uuid(random: Random): string {
  const bits = () => Math.floor(random.next() * 2 ** 32)
  const [a, b, c, d] = [bits(), bits(), bits(), bits()]
  const version = `${hexByte(((b >>> 8) & 0x0f) | 0x40)}${hexByte(b)}`
  const variant = `${hexByte(((c >>> 24) & 0x3f) | 0x80)}${hexByte(c >>> 16)}`
  return `${hexWord(a >>> 16)}${hexWord(a)}-${hexWord(b >>> 16)}-${version}-${variant}-${hexWord(c)}${hexWord(d >>> 16)}${hexWord(d)}`
}

function hexWord(value: number): string {
  return `${hexByte(value >>> 8)}${hexByte(value)}`
}

function hexByte(value: number): string {
  return hexBytes[value & 0xff] ?? ''
}

function ipv4(random: Random): string {
  const part = () => Math.floor(random.next() * 256)
  return `${1 + Math.floor(random.next() * 223)}.${part()}.${part()}.${part()}`
}

function ipv6(random: Random): string {
  const part = () => Math.floor(random.next() * 65_536).toString(16)
  const forms = [
    `2001:db8::${part()}`,
    `2001:db8:${part()}:${part()}:${part()}:${part()}:${part()}:${part()}`,
    `::ffff:${ipv4(random)}`,
    `fe80::${part()}:${part()}`,
  ]
  return pickBy(forms, Math.floor(random.next() * forms.length))
}

function pickBy(pool: readonly string[], ordinal: number): string {
  return pool[ordinal % pool.length] ?? ''
}

function twoDigits(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
