// docs/reference/schema.graphql: the graph as clients and their code generators read it.

import { printSchema } from 'graphql'

import { buildSchema } from '#graphql/schema.ts'
import { operations } from '#operations/registry.gen.ts'

export async function outputs(): Promise<Record<string, string>> {
  return { 'docs/reference/schema.graphql': printSchema(buildSchema(operations)) }
}
