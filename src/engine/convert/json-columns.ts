import type { SourceDefinition } from '#model/definition.ts'
import { PARTITION_COLUMN } from '#engine/live-rows.ts'
import type { Header } from '#engine/convert/header.ts'

/** Keys of a file that the source does not declare, good ones and such that only bad records have. */
const OTHER_KEYS_MAX = 1000
const NAME_BYTES_MAX = 200

/** The columns that the keys of a file's records are, in order: those declared, then others as they come. */
export class JsonColumns {
  private readonly source: SourceDefinition
  private readonly places = new Map<string, number>()
  private readonly names: string[]
  private readonly taken: ReadonlySet<string>
  private readonly kept = new Set<number>()

  constructor(source: SourceDefinition) {
    this.source = source
    this.names = source.columns.map(({ name }) => name)
    for (const [at, name] of this.names.entries()) this.places.set(name.toLowerCase(), at)
    this.taken = new Set([
      '',
      '__proto__',
      PARTITION_COLUMN,
      ...source.derived.map(({ name }) => name.toLowerCase()),
    ])
  }

  /** Place of a key's column; a reason where it can have none. Names are compared without case, as SQL does. */
  placeOf(key: string): number | 'key-forbidden' | 'key-count' {
    const lower = key.toLowerCase()
    const known = this.places.get(lower)
    if (known !== undefined) return known
    if (this.taken.has(lower) || Buffer.byteLength(key) > NAME_BYTES_MAX) return 'key-forbidden'
    if (this.names.length - this.source.columns.length >= OTHER_KEYS_MAX) return 'key-count'
    this.places.set(lower, this.names.length)
    return this.names.push(key) - 1
  }

  isDeclared(place: number): boolean {
    return place < this.source.columns.length
  }

  nameAt(place: number): string {
    return this.names[place] ?? ''
  }

  /** An accepted record has a value there. */
  keep(place: number): void {
    this.kept.add(place)
  }

  /** Columns of the accepted records. */
  header(): Header {
    return {
      names: this.names,
      fieldCount: this.names.length,
      declared: this.source.columns.map((_, at) => at),
      extra: [...this.kept]
        .filter((place) => !this.isDeclared(place))
        .map((index) => ({ name: this.nameAt(index), index })),
    }
  }
}
