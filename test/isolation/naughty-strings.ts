import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The published list, and what it leaves out: texts of ours, among them what only looks like another. */
export const naughtyStrings: readonly string[] = [
  ...new Set([...(require('big-list-of-naughty-strings') as string[]), ...ours()]),
].filter((text) => text !== '')

function ours(): string[] {
  const controls = Array.from({ length: 31 }, (_, index) => `a${String.fromCharCode(index + 1)}b`)
  return [
    ...controls,
    '\u007f',
    '\u0085',
    '\ufeffbegins with a byte order mark',
    'ends with one\ufeff',
    '\u202ereversed\u202c',
    '\u2066isolated\u2069',
    'e\u0301',
    'é',
    '\u212b',
    'Å',
    'ﬀ',
    'I',
    'ı',
    'İ',
    'ß',
    'ẞ',
    '👩‍👩‍👧‍👦',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '\u{10ffff}',
    '\ufffe',
    '\uffff',
    'null',
    '{{constructor.constructor("return 1")()}}',
    '${7*7}',
    '#{7*7}',
    '<%= 7*7 %>',
    '=cmd|" /C calc"!A0',
    '@SUM(1+1)',
    '-1+1',
    'a\'b"c`d\\e',
    "'; DROP TABLE tenant; --",
    '$$ $1 %s ? :x',
    '../../etc/passwd',
    'C:\\CON',
    'a/b?c#d%2e%00',
    '%',
    '_',
    '*',
    '  leading and trailing  ',
    '\tx\r\ny\n',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'true',
    '0x10',
    '1e999',
    '-0',
    'NaN',
    'Infinity',
    '9007199254740993',
    '2021-02-30',
    'millrace_tenant()',
    'demo',
    'default',
    'operator',
  ]
}

/** What no database can store: it has to be refused, in words. */
export const unstorable: readonly string[] = ['\u0000', 'a\u0000b', '\ud800', 'a\udc00b']
