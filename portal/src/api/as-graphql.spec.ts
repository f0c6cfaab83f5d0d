import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'

import { operations } from '#sdk/operations.gen.ts'
import { asGraphql, isInGraph } from '~/api/as-graphql.ts'
import type { OperationName } from '~/api/client.ts'
import { graphqlFields } from '~/api/graphql.gen.ts'

const schema = buildSchema(
  readFileSync(new URL('../../../docs/reference/schema.graphql', import.meta.url), 'utf8'),
)
const names = Object.entries(operations).flatMap(([resource, verbs]) =>
  Object.keys(verbs).map((verb) => `${resource}.${verb}` as OperationName),
)

async function problemsOf(operation: OperationName, input: object): Promise<string[]> {
  const text = (await asGraphql(operation, input)) ?? ''
  return validate(schema, parse(text)).map(({ message }) => `${operation}: ${message}`)
}

describe('a call as GraphQL', () => {
  it('is there for each operation that the graph is said to have', () => {
    const isThere = (name: OperationName) => graphqlFields[name] !== undefined
    expect(names.filter((name) => isInGraph(name) && !isThere(name))).toEqual([])
    expect(names.filter((name) => !isInGraph(name) && isThere(name))).toEqual([])
    expect(names.filter(isThere).length).toBeGreaterThan(100)
  })

  it('is a document of the schema without variables beside it, for every operation', async () => {
    const values: Readonly<Record<string, unknown>> = {
      String: 'x"\\\n$y',
      Int: 7,
      Long: 7,
      Boolean: true,
      JSON: { month: '2021-04' },
      NamedText: { month: 'a"b' },
      RowCondition: { events: ['ge.10', 'lt.20'], 'a b': 'is.null' },
    }
    const found: string[] = []
    for (const [operation, { args, names: enums = [], renamed = {} }] of Object.entries(
      graphqlFields,
    )) {
      const own = Object.fromEntries(Object.entries(renamed).map(([mine, name]) => [name, mine]))
      const input = Object.fromEntries(
        Object.entries(args).flatMap(([name, type]) => {
          const plain = type.replace(/[[\]!]/g, '')
          const isList = type.startsWith('[') && plain === 'String'
          const value = isList ? [values[plain], 'b'] : values[plain]
          return enums.includes(name) ? [] : [[own[name] ?? name, value]]
        }),
      )
      found.push(...(await problemsOf(operation as OperationName, input)))
    }
    expect(found).toEqual([])
  })

  it('asks for rows with everything that the view has asked', async () => {
    const text = await asGraphql('endpoints.rows', {
      endpoint: 'top',
      parameters: { month: '2021-04' },
      where: { events: ['ge.10', 'lt.20'] },
      sort: ['-events'],
      asOf: undefined,
      format: 'json',
      limit: 100,
    })
    expect(text).toContain(`query endpointRows(
  $endpoint: String! = "top"
  $parameters: [NamedText!] = [{name: "month", value: "2021-04"}]
  $where: [RowCondition!] = [{column: "events", is: "ge.10"}, {column: "events", is: "lt.20"}]
  $sort: [String!] = ["-events"]
  $first: Int = 100
) {
  endpointRows(endpoint: $endpoint, parameters: $parameters, where: $where, sort: $sort, first: $first) {
    ... on Rows {`)
  })

  it('asks for a page of a list that is no dearer than a query may be', async () => {
    const most = graphqlFields['endpoints.list']?.firstMost ?? 0
    expect(most).toBeGreaterThan(50)
    expect(await asGraphql('endpoints.list', { limit: 1000 })).toContain(`$first: Int = ${most}\n`)
    expect(await asGraphql('endpoints.list', { limit: 50 })).toContain('$first: Int = 50\n')
  })

  it('writes what has names in the graph by them', async () => {
    const text = await asGraphql('runs.list', { state: 'done', limit: 20 })
    expect(text).toContain('$state: RunState = DONE\n  $first: Int = 20')
    expect(await problemsOf('runs.list', { state: 'done' })).toEqual([])
    const kinds = ['run.started', 'partition.published']
    expect(await problemsOf('events.list', { kinds })).toEqual([])
  })
})
