import type { DatasetDefinition } from '#model/definition.ts'
import type { Node } from '#model/graph.ts'

/** A change of code that was declared harmless. */
export interface CodeChange {
  readonly fromCode: string
  readonly toCode: string
}

/** Code versions whose partitions count as built with `current`: over any number of such changes. */
export function acceptedCodes(changes: readonly CodeChange[], current: string): string[] {
  const accepted = new Set<string>()
  const open = [current]
  for (let code = open.pop(); code !== undefined; code = open.pop()) {
    for (const { fromCode, toCode } of changes) {
      if (toCode !== code || fromCode === current || accepted.has(fromCode)) continue
      accepted.add(fromCode)
      open.push(fromCode)
    }
  }
  return [...accepted]
}

/**
 * The code that a partition is compared under: its own where that counts as the current one, so that
 * its fingerprint is the one that was recorded unless an input has really changed.
 */
export function codeAt({ definition, state, pointers }: Node, position: number): string {
  const built = state.codeVersions[pointers[position] ?? -1] ?? null
  return built !== null && state.accepted?.includes(built) ? built : definition.codeVersion
}

/** The dataset's definition under that code. */
export function definitionAt<Definition extends DatasetDefinition>(
  node: Node,
  position: number,
  definition: Definition,
): Definition {
  const codeVersion = codeAt(node, position)
  return codeVersion === definition.codeVersion ? definition : { ...definition, codeVersion }
}
