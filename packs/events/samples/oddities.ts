/**
 * The ways in which rows of the twin are odd. A month has exactly `count(rows)` rows of each kind;
 * a row has at most one oddity, so that the numbers can be told apart in the results.
 */
export const oddities = {
  /** Quarantined: a field is missing, or one too many. */
  fieldCount: perRows(4000),
  /** Quarantined: `2021-13-45`, `yesterday`, `31/04/2021`. */
  timestampUnreadable: perRows(5000),
  /** Quarantined: the field is empty. */
  timestampMissing: perRows(20000),
  /** Quarantined: `['Mr', 'eat'`, `{'a': 1}`, `Mr eat`. */
  tagsUnreadable: perRows(5000),
  /** Of the previous month's last day; every other one a date alone. */
  spill: perRows(500),
  /** The date without the time: 00:00 UTC. */
  dateOnly: perRows(8),
  /** An item with an apostrophe, which Python then writes in double quotes. */
  tagsApostrophe: perRows(200),
  /** An item with both kinds of quotes. */
  tagsBothQuotes: perRows(1000),
  /** Items with \n, \t, \\, \xhh, \uhhhh and \Uhhhhhhhh. */
  tagsEscapes: perRows(1000),
  tagsEmpty: perRows(300),
  /** Items with letters beyond ASCII. */
  tagsUnicode: perRows(400),
  /** A URI with a comma, quotes or a line break inside a quoted field. */
  uriQuoted: perRows(700),
  /** Not a UUID, or empty. */
  badId: perRows(2000),
  /** No e-mail address; the parts after the @ may still be a domain. */
  badEmail: perRows(1500),
  /** Neither IPv4 nor IPv6. */
  badIp: perRows(1500),
  ipv6: perRows(40),
  /** Repeats an earlier row of the file, byte for byte. */
  duplicate: perRows(900),
  /** The e-mail's domain in capital letters. */
  upperCaseDomain: perRows(250),
  /** A domain of another script, its punycode form, or an IP address in its place. */
  unusualDomain: perRows(3000),
  /** Of {@link TIED} people, each of another company: all of them have equally many events. */
  tied: (rows: number) => TIED * Math.max(1, Math.floor(rows / 2000)),
} as const satisfies Record<string, (rows: number) => number>

export type Oddity = keyof typeof oddities

/** How many people share the count of the `tied` rows. */
export const TIED = 4

export const quarantinedOddities = [
  'fieldCount',
  'timestampUnreadable',
  'timestampMissing',
  'tagsUnreadable',
] as const satisfies readonly Oddity[]

function perRows(rowsEach: number): (rows: number) => number {
  return (rows) => Math.max(1, Math.round(rows / rowsEach))
}

/** The smallest month in which every oddity has its place. */
export const ROWS_MIN = 100

/**
 * Deals the oddities to the rows 0 … rows − 1 of a month: a permutation spreads them, so that any
 * size can be written as a stream. Row 0 is always plain. `ordinal` counts the rows of its kind.
 */
export function dealOddities(
  rows: number,
): (row: number) => { readonly oddity: Oddity; readonly ordinal: number } | null {
  const stride = coprimeStride(rows)
  const ends: { readonly oddity: Oddity; readonly start: number; readonly end: number }[] = []
  let end = 0
  for (const oddity of Object.keys(oddities) as Oddity[]) {
    const start = end
    end += oddities[oddity](rows)
    ends.push({ oddity, start, end })
  }
  if (end >= rows)
    throw new RangeError(`a month of the twin has at least ${ROWS_MIN} rows, not ${rows}`)
  const slots = end
  return (row) => {
    const slot = (rows - 1 + row * stride) % rows
    if (slot >= slots) return null
    const part = ends.find((candidate) => slot < candidate.end)
    return part ? { oddity: part.oddity, ordinal: slot - part.start } : null
  }
}

/** Near the golden section of `rows`, and without a common divisor: visits every slot once. */
function coprimeStride(rows: number): number {
  let stride = Math.floor(rows * 0.6180339887)
  while (greatestCommonDivisor(stride, rows) !== 1) stride++
  return stride
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
