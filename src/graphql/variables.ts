import { valueFromASTUntyped, type OperationDefinitionNode } from 'graphql'

/** Values of variables as they are sent: by their names, in JSON. */
export type Variables = Readonly<Record<string, unknown>>

/** What was sent, and the defaults of the document for what was not. */
export function withDefaults(
  { variableDefinitions = [] }: OperationDefinitionNode,
  sent: Variables,
): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue === undefined
      ? []
      : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
  )
  return { ...Object.fromEntries(defaults), ...sent }
}
