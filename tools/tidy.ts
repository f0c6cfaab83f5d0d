// The rules of the house that no type checker knows: which folder may import which, where the outside
// world (environment, clock, chance) may be touched, how files are named and how long they may grow.
// `npm run check:tidy` prints the breaches; tidy.test.ts proves that planted ones are found.

import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Breach, SourceFile } from './tidy-breach.ts'
import { findCircles } from './tidy-circles.ts'
import { collectFacts, type SourceFacts } from './tidy-facts.ts'
import { refusePortalImport } from './tidy-portal.ts'
import { resolveImport } from './tidy-resolve.ts'

const everyLayer = [
  'kernel',
  'model',
  'charts',
  'secrets',
  'definitions',
  'catalog',
  'mail',
  'object-storage',
  'lake',
  'engine',
  'connectors',
  'factory',
  'tasks',
  'triggers',
  'subjects',
  'events',
  'targets',
  'serving',
  'reports',
  'watch',
  'auth',
  'egress',
  'archive',
  'operations',
  'graphql',
  'server',
  'app',
  'cli',
  'chaos',
] as const

type Layer = (typeof everyLayer)[number]

/** What each folder of src may import, besides itself. */
const allowedImports: Readonly<Record<Layer, readonly Layer[]>> = {
  kernel: [],
  model: ['kernel'],
  charts: ['kernel', 'model'],
  secrets: ['kernel', 'model'],
  definitions: ['kernel', 'model'],
  catalog: ['kernel', 'model'],
  mail: ['kernel', 'model', 'secrets', 'catalog'],
  'object-storage': ['kernel'],
  lake: ['kernel', 'model', 'object-storage'],
  engine: ['kernel', 'model', 'definitions', 'lake'],
  connectors: ['kernel', 'model', 'object-storage'],
  factory: before('factory'),
  tasks: [...before('tasks'), 'egress'],
  triggers: before('triggers'),
  subjects: before('subjects'),
  events: ['kernel', 'model', 'secrets', 'catalog', 'egress', 'tasks'],
  targets: ['kernel', 'model', 'secrets', 'catalog', 'object-storage', 'egress', 'tasks'],
  serving: before('serving'),
  reports: before('reports'),
  watch: before('watch'),
  auth: ['kernel', 'model', 'catalog', 'secrets', 'mail', 'egress'],
  egress: ['kernel'],
  archive: ['kernel', 'model', 'secrets', 'catalog', 'lake'],
  operations: before('operations'),
  graphql: ['kernel', 'model', 'operations'],
  server: ['kernel', 'model', 'auth', 'operations', 'graphql'],
  app: everyLayer,
  cli: everyLayer,
  chaos: everyLayer,
}

/** Of a file that is neither a test nor generated. */
const linesMax = 350

const environmentFile = 'src/app/config.ts'
const worldFiles = ['src/kernel/clock.ts', 'src/kernel/random.ts', 'src/kernel/ids.ts']
/** Ways to the network: addresses that users give are called through src/egress only. */
const networkModules = ['http', 'https', 'http2', 'net', 'tls', 'dgram', 'dns', 'dns/promises']
const networkFiles = [
  'src/egress/',
  // Listens; its page runs in browsers.
  'src/server/',
  // The lake's own server is the operator's word; sources hand it agents of egress.
  'src/object-storage/s3-client.ts',
  // Speaks to a Millrace server whose address the user has set.
  'src/cli/door/http-request.ts',
  // Stands in front of the S3 server that the operator has set.
  'src/chaos/s3-proxy.ts',
]
/** Packages that open connections, and where each may be used. */
const connectingPackages: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-s3': ['src/object-storage/'],
  // Its requests go through egress: it is given a fetch.
  'openid-client': ['src/auth/oidc-client.ts', 'src/auth/oidc-error.ts'],
  fastify: ['src/server/'],
  nodemailer: ['src/mail/smtp.ts'],
  pg: [
    'src/catalog/',
    'src/chaos/',
    'src/targets/postgres-connection.ts',
    'src/targets/postgres-target.ts',
  ],
  'pg-copy-streams': ['src/targets/postgres-target.ts'],
}
/** Packages that open none: looked at before they came in. */
const quietPackages = [
  '@duckdb/node-api',
  '@electric-sql/pglite',
  '@fastify/compress',
  '@resvg/resvg-js',
  'dejavu-fonts-ttf',
  'echarts',
  'commander',
  'croner',
  'graphql',
  'graphql-jit',
  'rolldown',
  'zod',
]
const emptyWords = ['util', 'utils', 'helper', 'helpers', 'manager', 'managers', 'common']
/** Texts are named after their screens: these are said on all of them. */
const wordsOfAllScreens = 'portal/src/texts/common.ts'
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*$/
/** A definition's file is named after its dataset, which is named as SQL can say it. */
const datasetFile = /^packs\/[^/]+\/(sources|analyses|tasks)\/[a-z0-9]+(_[a-z0-9]+)*\.ts$/

export function findBreaches(files: readonly SourceFile[]): Breach[] {
  const known = files.map((file) => ({ file, facts: collectFacts(file) }))
  const own = known.flatMap(({ file, facts }) => {
    const breaches = [...checkName(file), ...checkLength(file)]
    if (isPortal(file.path)) breaches.push(...checkImports(file, facts))
    if (isShipped(file.path)) {
      breaches.push(...checkImports(file, facts), ...checkWorld(file, facts))
      breaches.push(...checkBarrels(file, facts), ...checkNetwork(file, facts))
      breaches.push(...checkPackages(file, facts))
    }
    return breaches
  })
  const circles = findCircles(known.map(({ file: { path }, facts }) => ({ path, ...facts })))
  return [...own, ...circles]
}

export function readSources(root: string): SourceFile[] {
  const folders = ['bin', 'src', 'packs', 'test', 'tools', 'bench', 'portal/src', 'sdk/src']
  return globSync(
    folders.map((folder) => `${folder}/**/*.{ts,tsx,js}`),
    { cwd: root, exclude: (path) => path.includes('node_modules') },
  )
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** Code that runs in production; tests may import and touch what they need. */
function isShipped(path: string): boolean {
  return /^(src|packs)\//.test(path) && !path.endsWith('.test.ts')
}

function isPortal(path: string): boolean {
  return path.startsWith('portal/src/')
}

function before(layer: Layer): Layer[] {
  return everyLayer.slice(0, everyLayer.indexOf(layer))
}

function checkName({ path }: SourceFile): Breach[] {
  const names = path.replace(/(\.test|\.spec|\.gen|\.d)?\.[a-z]+$/, '').split('/')
  const name = names.at(-1) ?? ''
  const breaches: Breach[] = []
  if (names.some((part) => !kebabCase.test(part)) && !datasetFile.test(path)) {
    breaches.push({ path, line: 1, text: 'files and folders are named in kebab-case' })
  }
  const empty = name.split('-').find((word) => emptyWords.includes(word))
  if (empty !== undefined && path !== wordsOfAllScreens) {
    breaches.push({
      path,
      line: 1,
      text: `"${empty}" says nothing: name the file after its export`,
    })
  }
  return breaches
}

function checkLength({ path, text }: SourceFile): Breach[] {
  if (/\.(test|spec|gen)\.ts$/.test(path)) return []
  const lines = text.split('\n').length - 1
  if (lines <= linesMax) return []
  return [{ path, line: lines, text: `${lines} lines; the longest allowed is ${linesMax}` }]
}

function checkImports({ path }: SourceFile, facts: SourceFacts): Breach[] {
  return facts.imports.flatMap(({ specifier, line }) => {
    const refuse = path.startsWith('packs/')
      ? refusePackImport
      : isPortal(path)
        ? refusePortalImport
        : refuseSourceImport
    const text = refuse(path, specifier)
    return text === undefined ? [] : [{ path, line, text }]
  })
}

function refusePackImport(path: string, specifier: string): string | undefined {
  if (specifier === 'millrace' || specifier.startsWith('node:')) return undefined
  const pack = path.split('/').slice(0, 2).join('/')
  const isRelative = specifier.startsWith('.')
  if (isRelative && resolveImport(path, specifier)?.startsWith(`${pack}/`)) return undefined
  return `a pack imports only millrace, node: and its own files, not "${specifier}"`
}

function refuseSourceImport(path: string, specifier: string): string | undefined {
  const layer = layerOf(path)
  if (specifier === 'millrace') return 'src does not import itself by name; use #folder/file.ts'
  const target = resolveImport(path, specifier)
  if (target === undefined) {
    const outside = layer === 'kernel' && !specifier.startsWith('node:')
    return outside ? `kernel imports node: only, not "${specifier}"` : undefined
  }
  if (!target.startsWith('src/')) return `src does not import from outside src: "${specifier}"`
  if (target === 'src/index.ts') return 'src/index.ts is for packs; import the file itself'
  const to = layerOf(target)
  if (to === undefined) return `"${specifier}" is in no folder of the house`
  if (path === 'src/index.ts' || to === layer) return undefined
  if (layer === undefined) return `${path} is in no folder of the house`
  if (allowedImports[layer].includes(to)) return undefined
  return `${layer} may not import ${to} ("${specifier}")`
}

function layerOf(path: string): Layer | undefined {
  const folder = path.split('/')[1]
  return everyLayer.find((layer) => layer === folder && path.split('/').length > 2)
}

function checkWorld({ path }: SourceFile, facts: SourceFacts): Breach[] {
  return facts.world.flatMap(({ what, line }) => {
    if (what === 'process.env') {
      if (path === environmentFile) return []
      return [{ path, line, text: `process.env is read in ${environmentFile} only` }]
    }
    if (worldFiles.includes(path)) return []
    return [{ path, line, text: `${what}: take a clock, random or ids from kernel` }]
  })
}

function checkBarrels({ path }: SourceFile, facts: SourceFacts): Breach[] {
  if (path === 'src/index.ts') return []
  return facts.exportAll.map((line) => ({ path, line, text: 'export * hides where things live' }))
}

function checkNetwork({ path }: SourceFile, facts: SourceFacts): Breach[] {
  if (networkFiles.some((allowed) => path.startsWith(allowed))) return []
  const imported = facts.imports.flatMap(({ specifier, line, isType }) => {
    const name = specifier.replace(/^node:/, '')
    return !isType && networkModules.includes(name) ? [{ what: specifier, line }] : []
  })
  const fetched = facts.fetches.map((line) => ({ what: 'fetch', line }))
  return [...imported, ...fetched].map(({ what, line }) => ({
    path,
    line,
    text: `${what}: what leaves this machine goes through src/egress`,
  }))
}

function checkPackages({ path }: SourceFile, facts: SourceFacts): Breach[] {
  if (layerOf(path) === 'kernel') return []
  return facts.imports.flatMap(({ specifier, line, isType }) => {
    if (isType || /^(node:|[#.]|millrace$)/.test(specifier)) return []
    const [scope = '', name = ''] = specifier.split('/')
    const used = scope.startsWith('@') ? `${scope}/${name}` : scope
    const places = connectingPackages[used]
    if (quietPackages.includes(used) || places?.some((place) => path.startsWith(place))) return []
    const text = places
      ? `${used} opens connections: it is used in ${places.join(', ')} only`
      : `${used}: say in tools/tidy.ts whether it opens connections, and where it may`
    return [{ path, line, text }]
  })
}

function main(): void {
  const files = readSources(dirname(import.meta.dirname))
  const breaches = findBreaches(files)
  for (const { path, line, text } of breaches) console.error(`${path}:${line}: ${text}`)
  console.log(`tidy: ${files.length} files, ${breaches.length} breaches`)
  if (breaches.length > 0) process.exitCode = 1
}

if (import.meta.main) main()
