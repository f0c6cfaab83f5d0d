// Files that import each other in a loop, types counted: whoever wants to understand one has to read all.
// What is imported late does not tie: the list of all operations describes itself that way.

import type { Breach } from './tidy-breach.ts'
import type { Import } from './tidy-facts.ts'
import { resolveImport } from './tidy-resolve.ts'

interface Importing {
  readonly path: string
  readonly imports: readonly Import[]
}

/** What each file imports of the others, with the line that does. */
type Graph = ReadonlyMap<string, ReadonlyMap<string, number>>

/** A breach for each group of files that are tied, at its first file: with the shortest way round. */
export function findCircles(files: readonly Importing[]): Breach[] {
  const graph = graphOf(files)
  const seen = new Set<string>()
  return Array.from(graph.keys()).flatMap((path) => {
    if (seen.has(path)) return []
    const circle = circleThrough(path, graph)
    if (circle === null) return []
    for (const one of tiedTo(path, graph)) seen.add(one)
    const line = graph.get(path)?.get(circle[0] ?? '') ?? 1
    const text = `imports itself: ${circle.join(' → ')}; give what they share a file of its own`
    return [{ path, line, text }]
  })
}

function graphOf(files: readonly Importing[]): Graph {
  const known = new Set(files.map(({ path }) => path))
  return new Map(
    files.map(({ path, imports }) => {
      const own = new Map<string, number>()
      for (const { specifier, line, isLate } of imports) {
        const target = isLate ? undefined : resolveImport(path, specifier)
        if (target !== undefined && known.has(target) && !own.has(target)) own.set(target, line)
      }
      return [path, own]
    }),
  )
}

/** The files between `path` and itself, itself at the end; null: it is in no circle. */
function circleThrough(path: string, graph: Graph): readonly string[] | null {
  const ways: (readonly string[])[] = [[path]]
  const reached = new Set<string>()
  for (const way of ways) {
    for (const next of graph.get(way.at(-1) ?? '')?.keys() ?? []) {
      if (next === path) return [...way.slice(1), path]
      if (reached.has(next)) continue
      reached.add(next)
      ways.push([...way, next])
    }
  }
  return null
}

/** All files that `path` reaches and that reach it. */
function tiedTo(path: string, graph: Graph): readonly string[] {
  return reachedFrom(path, graph).filter((one) => reachedFrom(one, graph).includes(path))
}

function reachedFrom(path: string, graph: Graph): readonly string[] {
  const reached = new Set([path])
  for (const one of reached) for (const next of graph.get(one)?.keys() ?? []) reached.add(next)
  return Array.from(reached)
}
