import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type FieldNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

import { FIRST_DEFAULT, FIRST_MOST, graphLimits } from '#graphql/graph-limits.ts'
import { withDefaults, type Variables } from '#graphql/variables.ts'

/** The field is a list of pages or has `first`: what stands in it is paid so many times. */
const LISTS = new Set(['edges', 'nodes'])

/**
 * A rule for `validate`: depth, aliases, root fields and cost of each operation, fragments followed.
 * Introspection is deep by nature and pays by its fields alone.
 */
export function limitRule(variables: Variables) {
  return (context: ValidationContext): ASTVisitor => {
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const definition of context.getDocument().definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        fragments.set(definition.name.value, definition)
      }
    }
    return {
      OperationDefinition(operation) {
        const given = withDefaults(operation, variables)
        const sum = { aliases: 0, cost: 0, depth: 0, rootFields: 0 }
        const refuse = (what: keyof typeof graphLimits, found: number) =>
          context.reportError(
            new GraphQLError(
              `the query has ${what === 'rootFields' ? 'root fields' : what} ${found}, and may have ${graphLimits[what]}`,
              { nodes: operation, extensions: { code: 'query-too-large', status: 400 } },
            ),
          )
        walk(operation.selectionSet, 1, 1, [])
        for (const what of ['depth', 'aliases', 'rootFields', 'cost'] as const) {
          if (sum[what] > graphLimits[what]) refuse(what, sum[what])
        }

        function walk(
          set: SelectionSetNode,
          depth: number,
          times: number,
          within: readonly string[],
        ): void {
          // Too much already: fragments that call each other make sums that have no end.
          if (sum.cost > graphLimits.cost || within.length > graphLimits.depth * 2) {
            sum.cost += graphLimits.cost
            return
          }
          for (const node of set.selections) {
            if (node.kind === Kind.FIELD) walkField(node, depth, times, within)
            else if (node.kind === Kind.INLINE_FRAGMENT) {
              walk(node.selectionSet, depth, times, within)
            } else {
              const name = node.name.value
              const fragment = fragments.get(name)
              if (fragment && !within.includes(name)) {
                walk(fragment.selectionSet, depth, times, [...within, name])
              }
            }
          }
        }

        function walkField(
          node: FieldNode,
          depth: number,
          times: number,
          within: readonly string[],
        ): void {
          const isMeta = node.name.value.startsWith('__')
          sum.cost += times
          if (node.alias) sum.aliases++
          if (depth === 1) sum.rootFields++
          if (!isMeta) sum.depth = Math.max(sum.depth, depth)
          if (!node.selectionSet) return
          const inner = isMeta ? -1_000 : depth + 1
          walk(node.selectionSet, inner, times * lengthOf(node, given), within)
        }
      },
    }
  }
}

/** How often what stands in the field may be answered. */
function lengthOf({ name, arguments: args = [] }: FieldNode, variables: Variables): number {
  if (LISTS.has(name.value)) return 1
  const first = args.find((argument) => argument.name.value === 'first')?.value
  if (!first) return 1
  const said =
    first.kind === Kind.VARIABLE
      ? variables[first.name.value]
      : first.kind === Kind.INT
        ? Number(first.value)
        : FIRST_DEFAULT
  return typeof said === 'number' && said > 0 ? Math.min(said, FIRST_MOST) : FIRST_DEFAULT
}
