import { definitionError } from '#definitions/definition-error.ts'
import { parseColumnType, refuseUnknownKey } from '#definitions/notation.ts'
import type { ColumnNote } from '#model/column.ts'

/** One `key: value` of the comment at the top of a `.sql` file, with the lines that go on with it. */
export interface HeaderEntry<Key extends string = string> {
  readonly key: Key
  value: string
  readonly line: number
}

/**
 * The header is the run of `--` lines at the top of the text: first the description, then
 * `key: value` lines; a line that is indented by two spaces or more goes on with the one above.
 * `firstLine` is the number of the text's first line in its file.
 */
export function splitHeader<Key extends string>(
  text: string,
  file: string,
  keys: readonly Key[],
  firstLine = 1,
): { readonly description: string; readonly entries: HeaderEntry<Key>[] } {
  const description: string[] = []
  const entries: HeaderEntry<Key>[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const comment = /^\s*--(.*?)\s*$/.exec(line)?.[1]
    if (comment === undefined) {
      if (line.trim() === '' && entries.length === 0 && description.length === 0) continue
      break
    }
    const place = { file, line: firstLine + index }
    const [, word, value = ''] = /^\s?([a-z][a-z-]*):(?:\s+(.*))?$/.exec(comment) ?? []
    const bare = /^\s?([a-z]+)$/.exec(comment)?.[1]
    const key = keys.find((candidate) => candidate === word)
    const flag = flags.has(bare ?? '') ? keys.find((candidate) => candidate === bare) : undefined
    const last = entries.at(-1)
    if (flag) entries.push({ key: flag, value: '', line: place.line })
    else if (key) entries.push({ key, value: value.trim(), line: place.line })
    else if (last && /^\s{2,}\S/.test(comment)) last.value += ` ${comment.trim()}`
    else if (word !== undefined) refuseUnknownKey(word, keys, place)
    else if (last && comment.trim() !== '') {
      throw definitionError(
        place,
        `"${comment.trim()}" follows the first key without one of its own`,
        'Put the description above the keys, or indent the line by two spaces to go on with the one above.',
      )
    } else if (!last) description.push(comment.trim())
  }
  return { description: description.join(' ').replace(/\s+/g, ' ').trim(), entries }
}

/** Keys that may stand alone. */
const flags: ReadonlySet<string> = new Set(['volatile'])

export function onlyEntry<Key extends string>(
  entries: readonly HeaderEntry<Key>[],
  key: Key,
  file: string,
): HeaderEntry<Key> | undefined {
  const [first, second] = entries.filter((entry) => entry.key === key)
  if (second) {
    throw definitionError(
      { file, line: second.line },
      `"${key}" is said twice, in line ${first?.line} too`,
      'Keep one of the two lines.',
    )
  }
  return first
}

export function requireDescription(description: string, what: string, file: string): string {
  if (description !== '') return description
  throw definitionError(
    { file, line: 1 },
    `the ${what} has no description`,
    'Begin the file with a comment that says what its rows are.',
  )
}

export function readColumnEntry({ value, line }: HeaderEntry, file: string): ColumnNote {
  const parts =
    /^(?<name>\w+)(?:\s+(?<type>[a-z]\S*))?\s+(?:—|–|-)\s+(?<description>.*?)(?:\s*\[unit\s+(?<unit>[^\]]+)\]|\s*\[subject(?:\s+(?<subject>[a-z][a-z0-9_]{0,40}))?\])?$/.exec(
      value,
    )?.groups
  if (!parts?.['name'] || !parts['description']) {
    throw definitionError(
      { file, line },
      `column: "${value}" does not describe a column`,
      'Write its name, its type if it has to be known, a dash and what it means: column: size integer — length of the answer [unit bytes]',
    )
  }
  return {
    name: parts['name'].toLowerCase(),
    description: parts['description'],
    ...(parts['type'] && { type: parseColumnType(parts['type'], { file, line }) }),
    ...(parts['unit'] && { unit: parts['unit'].trim() }),
    ...(/\[subject[^\]]*\]$/.test(value) && { subject: parts['subject'] ?? true }),
  }
}
