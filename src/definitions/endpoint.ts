import type { CodeVersions, KnownCode } from '#definitions/code-versions.ts'
import { definitionError, suggestion, type Place } from '#definitions/definition-error.ts'
import type { SerializeSql } from '#definitions/duckdb-parser.ts'
import { ROW_PREFIX } from '#definitions/endpoint-notation.ts'
import { parseAnalysisSql } from '#definitions/sql-rules.ts'
import { spansOf } from '#definitions/sql-text.ts'
import { isNode, nodesOf, textOf, withoutLocations } from '#definitions/sql-tree.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { fillSelector, LATEST, parametersIn } from '#model/endpoint-parameter.ts'
import type { EndpointDefinition, EndpointInput, EndpointParameter } from '#model/endpoint.ts'
import { parseSelection } from '#model/partition-key-selection.ts'

/** A SELECT of an endpoint as its author wrote it. */
export interface EndpointStatement {
  readonly text: string
  /** Of its first line. */
  readonly place: Place
  readonly named: ReadonlyMap<string, { readonly partitions: string; readonly place: Place }>
}

export interface EndpointDraft extends Omit<
  EndpointDefinition,
  'text' | 'inputs' | 'drill' | 'codeVersion' | 'parameters'
> {
  readonly parameters: readonly (EndpointParameter & { readonly place: Place })[]
  readonly main: EndpointStatement
  readonly drill: EndpointStatement | null
}

interface Deps {
  readonly serializeSql: SerializeSql
  readonly codeVersions: CodeVersions
}

/** Checks what the author wrote against the pack's datasets, and gives it its code version. */
export async function finishEndpoint(
  draft: EndpointDraft,
  known: ReadonlyMap<string, Pick<DatasetDefinition, 'name' | 'partitioning'>>,
  deps: Deps,
): Promise<EndpointDefinition> {
  const { main, drill, parameters: placed, ...own } = draft
  const statements = drill ? [main, drill] : [main]
  refuseUnknownParameters(main, placed, false)
  if (drill) refuseUnknownParameters(drill, placed, true)
  refuseUnused(placed, statements)
  const parameters = placed.map(({ place: _place, ...parameter }) => parameter)
  const mainCode = await codeOf(main, deps)
  const inputs = inputsOf(main, mainCode, parameters, known)
  refuseLatestOfNothing(placed, inputs)
  const drillCode = drill && (await codeOf(drill, deps))
  const drillInputs = drill && drillCode && inputsOf(drill, drillCode, parameters, known)
  const codeVersion = sha256(
    canonicalJson({
      kind: 'endpoint',
      text: mainCode.codeVersion,
      inputs: inputs.toSorted(byDataset),
      parameters: parameters.map(({ description: _description, ...parameter }) => parameter),
      order: draft.order,
      drill: drillCode && [drillCode.codeVersion, drillInputs?.toSorted(byDataset)],
    }),
  )
  return {
    ...own,
    parameters,
    text: main.text,
    inputs,
    drill: drill && drillInputs ? { text: drill.text, inputs: drillInputs } : null,
    codeVersion,
  }
}

function byDataset(a: EndpointInput, b: EndpointInput): number {
  return a.dataset < b.dataset ? -1 : 1
}

async function codeOf({ text, place }: EndpointStatement, deps: Deps): Promise<KnownCode> {
  const identity = sha256(canonicalJson(['endpoint', text]))
  const known = await deps.codeVersions.get(identity)
  if (known) return known
  const { serializeSql } = deps
  const options = { place, volatile: false, serializeSql, of: 'endpoint' as const }
  const { tree, reads } = await parseAnalysisSql(text, options)
  const isNumbered = [...nodesOf(tree)].some(
    (node) => node['class'] === 'PARAMETER' && /^\d+$/.test(textOf(node, 'identifier')),
  )
  if (isNumbered) {
    throw definitionError(
      place,
      'the statement has a parameter without a name',
      'Name each parameter, as in $month, and describe it in the header: param: month period = latest — which month',
    )
  }
  refuseEmpty(tree, reads, place)
  const fresh = { codeVersion: sha256(canonicalJson(withoutLocations(tree))), reads }
  await deps.codeVersions.put(identity, fresh)
  return fresh
}

function refuseEmpty(tree: unknown, reads: readonly string[], place: Place): void {
  if (isNode(tree) && reads.length > 0) return
  throw definitionError(
    place,
    'the statement reads no dataset',
    'An endpoint answers rows of published datasets: select from at least one of them.',
  )
}

function inputsOf(
  statement: EndpointStatement,
  { reads }: KnownCode,
  parameters: readonly EndpointParameter[],
  known: Parameters<typeof finishEndpoint>[1],
): EndpointInput[] {
  for (const [dataset, { place }] of statement.named) {
    if (reads.includes(dataset)) continue
    throw definitionError(
      place,
      `input "${dataset}" is not read by the statement`,
      `Leave the line out, or read it; the statement reads ${reads.join(', ')}.`,
    )
  }
  return reads.map((name) => {
    const dataset = known.get(name)
    if (!dataset) {
      throw definitionError(
        placeOfWord(statement, name),
        `no dataset of the pack is named "${name}"`,
        suggestion(name, [...known.keys()]),
      )
    }
    const named = statement.named.get(name)
    if (named) requireSelects(named, dataset, parameters)
    return { dataset: name, partitions: named?.partitions ?? null }
  })
}

/** With a year in place of each period, where everything else is known. */
function requireSelects(
  { partitions, place }: { readonly partitions: string; readonly place: Place },
  { name, partitioning }: Pick<DatasetDefinition, 'name' | 'partitioning'>,
  parameters: readonly EndpointParameter[],
): void {
  const sample = fillSelector(partitions, (word) => {
    const parameter = parameters.find((candidate) => candidate.name === word)
    return parameter?.type === 'period' ? '2021' : (parameter?.default ?? parameter?.choices?.[0])
  })
  if (parametersIn(sample).length > 0) return
  try {
    parseSelection(sample, partitioning)
  } catch (cause) {
    throw definitionError(
      place,
      `"${partitions}" selects no partitions of ${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      'Write a period, a range of them or a key as `millrace show --partition` takes it, with $name for a parameter.',
      { cause },
    )
  }
}

function refuseUnknownParameters(
  { text, place, named }: EndpointStatement,
  parameters: readonly EndpointParameter[],
  isDrill: boolean,
): void {
  const names = parameters.map(({ name }) => name)
  const unknown = (name: string) =>
    !names.includes(name) && !(isDrill && name.startsWith(ROW_PREFIX))
  const refuse = (name: string, at: Place): never => {
    throw definitionError(
      at,
      `$${name} is no parameter of the endpoint`,
      names.length === 0
        ? `Describe it in the header: param: ${name} text — what it means`
        : suggestion(name, names),
    )
  }
  for (const [name, offset] of usesIn(text)) {
    if (unknown(name)) refuse(name, { file: place.file, line: lineAt(text, place, offset) })
  }
  for (const { partitions, place: at } of named.values()) {
    const name = parametersIn(partitions).find(unknown)
    if (name !== undefined) refuse(name, at)
  }
}

function refuseUnused(
  parameters: readonly (EndpointParameter & { readonly place: Place })[],
  statements: readonly EndpointStatement[],
): void {
  const used = new Set(
    statements.flatMap(({ text, named }) => [
      ...usesIn(text).keys(),
      ...[...named.values()].flatMap(({ partitions }) => parametersIn(partitions)),
    ]),
  )
  const idle = parameters.find(({ name }) => !used.has(name))
  if (!idle) return
  throw definitionError(
    idle.place,
    `parameter "${idle.name}" changes nothing: neither the SQL nor an input names it`,
    `Use it as $${idle.name}, or leave the line out.`,
  )
}

/** The newest period is that of the datasets which the parameter selects. */
function refuseLatestOfNothing(
  parameters: readonly (EndpointParameter & { readonly place: Place })[],
  inputs: readonly EndpointInput[],
): void {
  const selecting = new Set(inputs.flatMap(({ partitions }) => parametersIn(partitions ?? '')))
  const idle = parameters.find(
    ({ name, type, default: initial }) =>
      type === 'period' && initial === LATEST && !selecting.has(name),
  )
  if (!idle) return
  throw definitionError(
    idle.place,
    `parameter "${idle.name}" is the latest period of nothing: it selects no input`,
    `Say which input it selects: input: ${inputs[0]?.dataset ?? 'events'} partition $${idle.name}`,
  )
}

/** Parameters that a statement names, with the offset of the first use of each. */
function usesIn(text: string): Map<string, number> {
  const uses = new Map<string, number>()
  for (const { kind, start, end } of spansOf(text)) {
    if (kind !== 'code') continue
    for (const match of text.slice(start, end).matchAll(/\$([a-z_]\w*)/g)) {
      const [, name = ''] = match
      if (!uses.has(name)) uses.set(name, start + match.index)
    }
  }
  return uses
}

function placeOfWord({ text, place }: EndpointStatement, word: string): Place {
  const pattern = new RegExp(`\\b${word.replace(/\W/g, '\\$&')}\\b`, 'i')
  for (const { kind, start, end } of spansOf(text)) {
    if (kind === 'comment') continue
    const found = pattern.exec(text.slice(start, end))
    if (found) return { file: place.file, line: lineAt(text, place, start + found.index) }
  }
  return place
}

function lineAt(text: string, { line = 1 }: Place, offset: number): number {
  return line - 1 + text.slice(0, offset).split('\n').length
}
