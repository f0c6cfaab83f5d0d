import { definitionError, type Place } from '#definitions/definition-error.ts'
import { parseName } from '#definitions/notation.ts'
import type { KeyDimension, Partitioning, ShardDimension } from '#model/definition.ts'
import { keyProblem } from '#model/partition-key-parts.ts'
import { grains } from '#model/partition-key.ts'

const SHARDS_MOST = 4096
const WRITTEN =
  'Write a grain, a key and shards, as far as there are any: month, key exam, shards 16 by email'

/** Names that a path or a SELECT takes for something else. */
const taken = new Set(['tenant', 'yyyy', 'key', 'shard', 'shards', 'starts_at', 'ends_at'])

/**
 * How a dataset is cut: `month`, `none`, `month, key exam`, `key country (de, at, 'a, b')`,
 * `day, shards 16 by email`. A grain is one of `grains`; a key without a list is registered: its
 * values come from sources. Values that are more than letters, digits and `-_.~@` stand in quotes.
 */
export function parsePartitioning(text: string, place: Place): Partitioning {
  const items = itemsOf(text)
  const first = grains.find((candidate) => candidate === items[0])
  const rest = first ? items.slice(1) : items
  let key: KeyDimension | undefined
  let shards: ShardDimension | undefined
  for (const item of rest) {
    const word = /^\w+/.exec(item)?.[0]
    if (word === 'key' && !key && !shards) key = parseKeyDimension(item, place)
    else if (word === 'shards' && !shards) shards = parseShards(item, place)
    else throw refusal(item, text, place)
  }
  if (!first && rest.length === 0) throw refusal('', text, place)
  return { grain: first ?? 'none', ...(key && { key }), ...(shards && { shards }) }
}

function refusal(item: string, text: string, place: Place): Error {
  const isWhole = item === text.trim() || item === ''
  return definitionError(
    place,
    isWhole ? `"${text}" is not a partitioning` : `"${item}" of "${text}" cuts nothing`,
    /^(?:\w+)$/.test(item) || item === ''
      ? `Write one of ${grains.join(', ')}; none means that the dataset is not cut. ${WRITTEN}.`
      : `${WRITTEN}.`,
  )
}

/** Splits at commas outside of parentheses and quotes. */
function itemsOf(text: string): string[] {
  const parts = text.match(/(?:\([^()']*(?:'[^']*'[^()']*)*\)|'[^']*'|"[^"]*"|[^,'"(])+/g) ?? []
  return parts.map((part) => part.trim()).filter((part) => part !== '')
}

function parseKeyDimension(item: string, place: Place): KeyDimension {
  const { name = '', list } = /^key\s+(?<name>\w+)\s*(?<list>\(.*\))?$/s.exec(item)?.groups ?? {}
  if (name === '') {
    throw definitionError(
      place,
      `"${item}" does not name a key`,
      "Write the key's name, and its values where they are fixed: key exam, or key country (de, at)",
    )
  }
  parseName(name, 'key', place)
  if (taken.has(name) || grains.some((grain) => grain === name)) {
    throw definitionError(
      place,
      `"${name}" cannot name a key: the word is taken`,
      'Call it by what its values are: exam, network, country.',
    )
  }
  return { name, values: list === undefined ? null : parseValues(list.slice(1, -1), place) }
}

function parseValues(list: string, place: Place): string[] {
  const values: string[] = []
  const pattern = /\s*(?:'(?<quoted>(?:[^']|'')*)'|(?<bare>[^\s,']+))\s*(?:,|$)/gy
  let end = 0
  for (const match of list.matchAll(pattern)) {
    end = match.index + match[0].length
    const { quoted, bare = '' } = match.groups ?? {}
    values.push(quoted === undefined ? bare : quoted.replaceAll("''", "'"))
  }
  if (end < list.length || values.length === 0) {
    throw definitionError(
      place,
      `"(${list})" is not a list of values`,
      "Write the values with commas between them, in quotes where they hold spaces, commas or quotes: (de, at, 'a, b').",
    )
  }
  for (const [index, value] of values.entries()) {
    const problem = values.indexOf(value) < index ? 'it is there twice' : keyProblem(value)
    if (problem === null) continue
    throw definitionError(
      place,
      `"${value}" cannot be a value of a key: ${problem}`,
      'Give each value once, as a text that is not empty.',
    )
  }
  return values
}

function parseShards(item: string, place: Place): ShardDimension {
  const { count, word, quoted } =
    /^shards\s+(?<count>\d{1,5})\s+by\s+(?:(?<word>[^\s"(),]+)|"(?<quoted>[^"]+)")$/.exec(item)
      ?.groups ?? {}
  const by = quoted ?? word
  if (by !== undefined && Number(count) >= 2 && Number(count) <= SHARDS_MOST) {
    return { count: Number(count), by }
  }
  throw definitionError(
    place,
    `"${item}" does not say how many shards, and by which column`,
    `Write 2 to ${SHARDS_MOST} shards and a column of the inputs: shards 16 by email`,
  )
}
