// What tidy.ts needs to know of one file, read from its syntax tree, so that comments and texts never
// count as code.

import { parseAst } from 'rolldown/parseAst'
import type { SourceFile } from './tidy-breach.ts'

export interface Import {
  readonly specifier: string
  readonly line: number
  /** Nothing of it is there at run time. */
  readonly isType: boolean
  /** Asked for while the program runs: `await import(…)`. */
  readonly isLate: boolean
}

export interface SourceFacts {
  readonly imports: readonly Import[]
  /** Lines of `export * from`. */
  readonly exportAll: readonly number[]
  /** Uses of the environment, the clock and chance: `process.env`, `Date.now`, `new Date()`, … */
  readonly world: readonly { readonly what: string; readonly line: number }[]
  /** Calls of `fetch` as the platform gives it. */
  readonly fetches: readonly number[]
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [property: string]: unknown
}

const worldProperties = ['process.env', 'Date.now', 'Math.random', 'crypto.randomUUID']
const worldImports: Readonly<Record<string, string>> = {
  env: 'process.env',
  randomUUID: 'crypto.randomUUID',
}

export function collectFacts(file: SourceFile): SourceFacts {
  const imports: Import[] = []
  const fetches: number[] = []
  const exportAll: number[] = []
  const world: { what: string; line: number }[] = []
  const lineOf = (node: Node) => file.text.slice(0, node.start).split('\n').length

  const program = parseAst(file.text, { lang: languageOf(file.path) }, file.path)
  visit(program as unknown as Node, (node) => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) {
      const isType = node['importKind'] === 'type' || node.type === 'TSImportType'
      imports.push({
        specifier,
        line: lineOf(node),
        isType,
        isLate: node.type === 'ImportExpression',
      })
    }
    if (isFetch(node)) fetches.push(lineOf(node))
    if (node.type === 'ExportAllDeclaration' && !node['exported']) exportAll.push(lineOf(node))
    const what = worldOf(node)
    if (what !== undefined) world.push({ what, line: lineOf(node) })
  })
  return { imports, exportAll, world, fetches }
}

function languageOf(path: string): 'ts' | 'tsx' | 'js' {
  if (path.endsWith('.tsx')) return 'tsx'
  return path.endsWith('.ts') ? 'ts' : 'js'
}

function isFetch(node: Node): boolean {
  if (node.type !== 'CallExpression') return false
  const callee = node['callee'] as Node
  if (callee.type === 'Identifier') return callee['name'] === 'fetch'
  return callee.type === 'MemberExpression' && nameOf(callee['object']) === 'globalThis'
    ? nameOf(callee) === 'fetch'
    : false
}

function visit(node: Node, see: (node: Node) => void): void {
  see(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) visit(child, see)
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}

function specifierOf(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ExportNamedDeclaration':
    case 'ImportExpression':
    case 'TSImportType': {
      const source = node['source']
      return isNode(source) && typeof source['value'] === 'string' ? source['value'] : undefined
    }
    default:
      return undefined
  }
}

function worldOf(node: Node): string | undefined {
  if (node.type === 'MemberExpression') {
    const object = nameOf(node['object'])
    const name = `${object}.${nameOf(node['property'])}`
    return worldProperties.find((property) => property === name)
  }
  if (node.type === 'NewExpression' && nameOf(node['callee']) === 'Date') {
    const args = node['arguments']
    return Array.isArray(args) && args.length === 0 ? 'new Date()' : undefined
  }
  if (node.type === 'ImportDeclaration') {
    const specifiers = node['specifiers']
    const names = Array.isArray(specifiers)
      ? specifiers.map((one: Node) => nameOf(one['imported']))
      : []
    const from = specifierOf(node)
    if (from !== 'node:process' && from !== 'node:crypto') return undefined
    return names.map((name) => worldImports[name]).find((what) => what !== undefined)
  }
  return undefined
}

/** The last name of an expression: of `process`, of `globalThis.process`, of the literal in `process['env']`. */
function nameOf(value: unknown): string {
  if (!isNode(value)) return ''
  if (value.type === 'MemberExpression') return nameOf(value['property'])
  if (value.type === 'Identifier') return String(value['name'])
  return value.type === 'Literal' ? String(value['value']) : ''
}
