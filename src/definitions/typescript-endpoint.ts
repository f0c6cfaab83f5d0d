import type { z } from 'zod'

import type { Place } from '#definitions/definition-error.ts'
import { parseDeclaration } from '#definitions/declaration-schema.ts'
import { endpointSchema } from '#definitions/endpoint-declaration.ts'
import { checkParameter, parseEndpointInput } from '#definitions/endpoint-notation.ts'
import type { EndpointDraft, EndpointStatement } from '#definitions/endpoint.ts'
import { parseOrder } from '#definitions/notation.ts'
import { importDeclaration } from '#definitions/pack-modules.ts'
import type { DefinitionFile } from '#definitions/source.ts'
import { NO_LIMITS, refuseTwice } from '#definitions/sql-endpoint.ts'
import { statementOf } from '#definitions/sql-text.ts'

/** A `.ts` file in `endpoints/`: what a `.sql` file says, as data. */
export async function readTypescriptEndpoint({
  pack,
  name,
  file,
  path,
}: DefinitionFile): Promise<EndpointDraft> {
  const place = { file }
  const declared = parseDeclaration(
    endpointSchema,
    await importDeclaration(path, file),
    file,
    'defineEndpoint({ … })',
  )
  const parameters = Object.entries(declared.parameters ?? {}).map(([word, own]) => ({
    ...checkParameter(
      {
        name: word,
        type: own.type,
        description: own.description,
        default: own.default === undefined ? null : String(own.default),
        choices: own.choices?.map(String) ?? null,
        min: own.min === undefined ? null : String(own.min),
        max: own.max === undefined ? null : String(own.max),
      },
      place,
    ),
    place,
  }))
  refuseTwice(parameters, 'parameter')
  const columns = Object.entries(declared.columns ?? {}).map(([column, note]) => ({
    name: column,
    ...note,
  }))
  return {
    pack,
    name,
    file,
    description: declared.description,
    parameters,
    order: declared.order === undefined ? null : parseOrder(declared.order, place),
    columns: columns as EndpointDraft['columns'],
    limits: { ...NO_LIMITS, ...declared.limits },
    main: statement(declared, place),
    drill: declared.drill ? statement(declared.drill, place) : null,
  }
}

function statement(
  { sql, inputs = {} }: Pick<z.output<typeof endpointSchema>, 'sql' | 'inputs'>,
  place: Place,
): EndpointStatement {
  return {
    text: statementOf(sql),
    place,
    named: new Map(
      Object.entries(inputs).map(([dataset, partitions]) => [
        dataset.toLowerCase(),
        { ...parseEndpointInput(`${dataset} partition ${partitions}`, place), place },
      ]),
    ),
  }
}
