import type { Input, Partitioning } from '#model/definition.ts'

/** How an analysis reads one input, for people: `every day of the month`. */
export function mappingWords(
  { mapping, whole }: Input,
  own: Partitioning,
  input: Partitioning,
): string {
  const words = periods(mapping, own.grain, input.grain)
  return whole ? `${words}, in all keys and shards` : words
}

function periods(mapping: Input['mapping'], own: string, input: string): string {
  switch (mapping.kind) {
    case 'same':
      return own === 'none' ? 'all of it' : `the same ${own}`
    case 'roll-up':
      return input === 'none' ? 'all of it' : `every ${input} of the ${own}`
    case 'observed':
      return `rows of the ${own}, from every file that holds some`
    case 'previous':
      return `its own former ${own}`
    case 'lookback':
      return `the ${own} and ${mapping.periods} before it`
    case 'through':
      return `everything up to the ${own}`
    case 'all':
      return 'all of it'
  }
}

/** The partitions of a dataset that an endpoint opens. */
export function selectorWords(partitions: string | null): string {
  return partitions === null ? 'every published partition' : `partition ${partitions}`
}
