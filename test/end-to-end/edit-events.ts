import { readFileSync, writeFileSync } from 'node:fs'

/** The plain lines of a month's file; a record of the twin that spans lines is kept as it is. */
export interface EventLine {
  readonly text: string
  /** `2021-04-17`, as written; empty where the record does not begin on this line. */
  readonly day: string
  readonly email: string
}

/** Rewrites the lines of a file; null drops one. The header stays. */
export function editEvents(
  path: string,
  edit: (line: EventLine, index: number) => string | null,
): void {
  const [header = '', ...lines] = readFileSync(path, 'utf8').split('\n')
  const edited = lines.map((text, index) => edit(toLine(text), index))
  writeFileSync(path, [header, ...edited.filter((text) => text !== null)].join('\n'))
}

/** Of a day's well-formed rows the first `count`, with another e-mail. Returns how many there were. */
export function changeEmails(
  path: string,
  day: string,
  count: number,
  toEmail: (email: string, index: number) => string,
): number {
  let changed = 0
  editEvents(path, ({ text, day: own, email }) => {
    if (own !== day || !isPlain(text) || changed === count) return text
    return text.replace(`,${email},`, `,${toEmail(email, changed++)},`)
  })
  return changed
}

function toLine(text: string): EventLine {
  const [, timestamp = '', email = ''] = text.split(',')
  const day = /^\d{4}-\d{2}-\d{2}/.exec(timestamp)?.[0] ?? ''
  return { text, day, email }
}

/** Eight fields, the last one a list, nothing quoted before it. */
function isPlain(text: string): boolean {
  return /^[0-9a-f-]{36},[^,"]+,[^,"@]+@[^,"@]+,[^,"]+,[^,"]+,[^,"]+,[^,"]+,"?\[[^"]*\]"?$/.test(
    text,
  )
}
