import { toMillraceError, type MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { cutText } from '#model/partition-key-parts.ts'
import { parseSelection, type Selector } from '#model/partition-key-selection.ts'

/**
 * The selectors that a text names, in order and once each: a partition, a range FROM..TO, or several
 * separated by commas. What is no name in one dataset's cut has to be one in another's.
 */
export function selectorsOf(text: string, definitions: readonly DatasetDefinition[]): Selector[] {
  const selectors = new Set<Selector>()
  let refused: MillraceError | null = null
  const cuts = new Map(definitions.map(({ partitioning }) => [cutText(partitioning), partitioning]))
  for (const cut of cuts.values()) {
    try {
      for (const item of text.split(',')) {
        for (const selector of parseSelection(item.trim(), cut)) selectors.add(selector)
      }
    } catch (error) {
      refused ??= toMillraceError(error)
    }
  }
  if (selectors.size === 0 && refused !== null) throw refused
  return [...selectors].toSorted()
}
