import { definitionError } from '#definitions/definition-error.ts'

interface Ordered {
  readonly name: string
  readonly file: string
  /** Names; the item's own name (running state) does not count. */
  readonly reads: readonly string[]
}

/** Inputs before what reads them, by name where that leaves a choice. Throws on a circle. */
export function inDependencyOrder<Item extends Ordered>(items: readonly Item[]): Item[] {
  const rest = new Map(
    items.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((item) => [item.name, item]),
  )
  const ordered: Item[] = []
  while (rest.size > 0) {
    const ready = [...rest.values()].filter((item) => waitsFor(item, rest) === undefined)
    const [stuck] = rest.values()
    if (ready.length === 0 && stuck) throw circle(stuck, rest)
    for (const item of ready) rest.delete(item.name)
    ordered.push(...ready)
  }
  return ordered
}

function waitsFor<Item extends Ordered>(
  item: Item,
  rest: ReadonlyMap<string, Item>,
): Item | undefined {
  const name = item.reads.find((input) => input !== item.name && rest.has(input))
  return name === undefined ? undefined : rest.get(name)
}

function circle<Item extends Ordered>(start: Item, rest: ReadonlyMap<string, Item>): Error {
  const path: Item[] = []
  let item: Item | undefined = start
  while (item && !path.includes(item)) {
    path.push(item)
    item = waitsFor(item, rest)
  }
  const loop = item ? [...path.slice(path.indexOf(item)), item] : path
  return definitionError(
    { file: item?.file ?? start.file },
    `the analyses read each other in a circle: ${loop.map(({ name }) => name).join(' → ')}`,
    'Take one of these reads out; for running state an analysis reads itself (its former partition).',
  )
}
