import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLScalarType,
} from 'graphql'

import { canonicalJson } from '#kernel/hash.ts'
import { isClosedObject, withoutNull, type JsonSchema } from '#graphql/json-schema.ts'
import { enumName, pascal, singular } from '#graphql/names.ts'
import { Json, Long } from '#graphql/scalars.ts'
import type { GraphContext } from '#graphql/context.ts'

export type Field = GraphQLFieldConfig<Record<string, unknown>, GraphContext>
export type Fields = GraphQLFieldConfigMap<Record<string, unknown>, GraphContext>

const GRAPHQL_NAME = /^[_A-Za-z][_0-9A-Za-z]*$/

/** The types of one schema: what has the same shape and name is one type. */
export interface TypeBook {
  /** `name`: for an object that says no `entity` of its own. */
  output(schema: JsonSchema, name: string): GraphQLOutputType
  input(schema: JsonSchema, name: string): GraphQLInputType
}

/** `linksOf`: fields that lead from an entity to others. */
export function openTypeBook(linksOf: (entity: string) => Fields): TypeBook {
  const outputs = new Map<string, GraphQLObjectType>()
  const inputs = new Map<string, GraphQLInputObjectType>()
  const enums = new Map<string, GraphQLEnumType>()
  const taken = new Map<string, number>()

  /** The name, or with a number where another shape has it already. */
  function unique(name: string): string {
    const count = (taken.get(name) ?? 0) + 1
    taken.set(name, count)
    return count === 1 ? name : `${name}${count}`
  }

  function outputOf(schema: JsonSchema, name: string): GraphQLOutputType {
    const { schema: inner, nullable } = withoutNull(schema)
    const type = bareOutput(inner, name)
    return nullable ? type : new GraphQLNonNull(type)
  }

  function bareOutput(schema: JsonSchema, name: string) {
    if (schema.type === 'array' && schema.items) {
      return new GraphQLList(outputOf(schema.items, singular(name)))
    }
    if (isClosedObject(schema)) return objectOf(schema, name)
    return enumOf(schema, name) ?? scalarOf(schema)
  }

  function objectOf(schema: JsonSchema, name: string): GraphQLObjectType {
    const shape = shapeOf(schema)
    const known = outputs.get(shape)
    if (known) return known
    const own = unique(schema.entity ?? name)
    // Values are named after the entity that has them, not after the argument that asks for them.
    for (const [field, property] of Object.entries(schema.properties ?? {})) {
      enumOf(withoutNull(property).schema, `${own}${pascal(field)}`)
    }
    const type = new GraphQLObjectType<Record<string, unknown>, GraphContext>({
      name: own,
      description: schema.description,
      fields: () => ({ ...propertiesOf(schema, own), ...linksOf(schema.entity ?? '') }),
    })
    outputs.set(shape, type)
    return type
  }

  function propertiesOf({ properties = {}, required = [] }: JsonSchema, own: string): Fields {
    const fields: Fields = {}
    for (const [name, property] of Object.entries(properties)) {
      if (!GRAPHQL_NAME.test(name)) continue
      const type = outputOf(property, `${own}${pascal(name)}`)
      const isSure = required.includes(name) || !(type instanceof GraphQLNonNull)
      fields[name] = {
        type: isSure ? type : (type.ofType as GraphQLOutputType),
        description: property.description,
        resolve: (parent) => parent[name],
      }
    }
    return fields
  }

  function inputOf(schema: JsonSchema, name: string): GraphQLInputType {
    const { schema: inner } = withoutNull(schema)
    if (inner.type === 'array' && inner.items) {
      return new GraphQLList(new GraphQLNonNull(inputOf(inner.items, singular(name))))
    }
    if (isClosedObject(inner)) {
      const shape = shapeOf(inner)
      const known = inputs.get(shape)
      if (known) return known
      const own = unique(`${name}Input`)
      const type = new GraphQLInputObjectType({
        name: own,
        description: inner.description,
        fields: () => inputFields(inner, own),
      })
      inputs.set(shape, type)
      return type
    }
    return enumOf(inner, name) ?? scalarOf(inner)
  }

  function inputFields({ properties = {}, required = [] }: JsonSchema, own: string) {
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => GRAPHQL_NAME.test(name))
        .map(([name, property]) => {
          const type = inputOf(property, `${own.replace(/Input$/, '')}${pascal(name)}`)
          const { nullable } = withoutNull(property)
          const isNeeded = required.includes(name) && !nullable
          const description = property.description
          return [name, { type: isNeeded ? new GraphQLNonNull(type) : type, description }]
        }),
    )
  }

  function enumOf(schema: JsonSchema, name: string): GraphQLEnumType | null {
    const values = schema.enum?.filter((value) => typeof value === 'string')
    if (!values || values.length === 0 || values.length !== schema.enum?.length) return null
    const names = values.map(enumName)
    if (names.includes(null) || new Set(names).size < names.length) return null
    const shape = canonicalJson(values)
    const known = enums.get(shape)
    if (known) return known
    const type = new GraphQLEnumType({
      name: unique(name),
      values: Object.fromEntries(values.map((value, at) => [names[at] as string, { value }])),
    })
    enums.set(shape, type)
    return type
  }

  return { output: outputOf, input: inputOf }
}

/** What tells two types apart: where a schema stands, and the words about it, do not. */
function shapeOf(schema: JsonSchema): string {
  return canonicalJson({ ...schema, description: undefined, $schema: undefined })
}

const scalars: Readonly<Record<string, GraphQLScalarType>> = {
  string: GraphQLString,
  boolean: GraphQLBoolean,
  integer: Long,
  number: GraphQLFloat,
}

function scalarOf({ type, const: only }: JsonSchema): GraphQLScalarType {
  if (typeof only === 'string') return GraphQLString
  return (typeof type === 'string' && scalars[type]) || Json
}
