import { readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'

import { definitionError } from '#definitions/definition-error.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { DatasetDefinition, Pack } from '#model/definition.ts'
import type { EndpointDefinition } from '#model/endpoint.ts'

/** A file of a pack that its definitions read: the tables of its references. */
export interface BundledFile {
  /** Relative to the pack's folder, as the definition names it: `./reference/providers.csv`. */
  readonly path: string
  readonly sha256: string
  readonly base64: string
}

/** A pack as data: definitions (TypeScript as bundled text) and files, and no folder. */
export type BundledPack = Omit<Pack, 'folder'> & { readonly files: readonly BundledFile[] }

export interface CodeBundle {
  readonly packs: readonly BundledPack[]
}

const FORMAT = 1

/**
 * Everything that a worker needs to run these packs, as bytes: equal packs give equal bytes, so that
 * the SHA-256 of the bytes is the name of the code. Throws `packs-clash`.
 */
export async function bundlePacks(packs: readonly Pack[]): Promise<Uint8Array> {
  refuseClashes(packs)
  const bundled = await Promise.all(
    packs.map(async ({ folder, ...pack }): Promise<BundledPack> => {
      const files = new Map<string, BundledFile>()
      for (const definition of pack.datasets) {
        const path = packFileOf(definition)
        if (path !== null) files.set(path, await readPackFile(folder, path, definition.file))
      }
      return {
        ...pack,
        files: [...files.keys()].toSorted().map((path) => files.get(path) as BundledFile),
      }
    }),
  )
  const sorted = bundled.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return new TextEncoder().encode(canonicalJson({ format: FORMAT, packs: sorted }))
}

async function readPackFile(folder: string, path: string, file: string): Promise<BundledFile> {
  const wayOut = "Put the file into the pack's folder, or correct the definition's location."
  if (!isInside(path)) {
    throw definitionError({ file }, `location: "${path}" leads out of the pack`, wayOut)
  }
  const bytes = await readFile(join(folder, path)).catch((cause: Error) => {
    throw definitionError({ file }, `location: ${cause.message}`, wayOut, { cause })
  })
  return { path, sha256: sha256(bytes), base64: bytes.toString('base64') }
}

/** The file inside its pack that a definition reads; null for what comes from elsewhere. */
export function packFileOf(definition: DatasetDefinition): string | null {
  const isOwn = definition.kind === 'source' && definition.reference
  return isOwn ? (definition.location ?? null) : null
}

/** Reads a bundle. Throws `bundle-invalid` for what no Millrace wrote, or a newer one. */
export function readBundle(bytes: Uint8Array): CodeBundle {
  let bundle: Partial<CodeBundle> & { readonly format?: unknown }
  try {
    bundle = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as typeof bundle
  } catch (cause) {
    throw new MillraceError('bundle-invalid', { problem: 'it is not JSON' }, { cause })
  }
  if (bundle === null || typeof bundle !== 'object' || bundle.format !== FORMAT) {
    const problem = `its format is ${JSON.stringify(bundle?.format) ?? 'missing'}, not ${FORMAT}`
    throw new MillraceError('bundle-invalid', { problem })
  }
  if (!Array.isArray(bundle.packs) || !bundle.packs.every(isPack)) {
    throw new MillraceError('bundle-invalid', { problem: 'its packs are not complete' })
  }
  // Bundles are kept for ever: the first ones had no endpoints.
  const packs = bundle.packs.map((pack) => ({ ...pack, endpoints: pack.endpoints ?? [] }))
  refuseClashes(packs)
  return { packs }
}

function isPack(value: unknown): value is BundledPack {
  const pack = value as Partial<BundledPack> | null
  return (
    typeof pack?.name === 'string' &&
    /^[a-z0-9_]+$/.test(pack.name) &&
    Array.isArray(pack.datasets) &&
    pack.datasets.every(isDefinition) &&
    Array.isArray(pack.tasks) &&
    (pack.endpoints === undefined ||
      (Array.isArray(pack.endpoints) && pack.endpoints.every(isEndpoint))) &&
    Array.isArray(pack.files) &&
    pack.files.every(isFile)
  )
}

function isDefinition(value: unknown): boolean {
  const definition = value as Partial<DatasetDefinition> | null
  return (
    typeof definition?.name === 'string' &&
    (definition.kind === 'source' || definition.kind === 'analysis') &&
    typeof definition.codeVersion === 'string'
  )
}

function isEndpoint(value: unknown): boolean {
  const endpoint = value as Partial<EndpointDefinition> | null
  return (
    typeof endpoint?.name === 'string' &&
    typeof endpoint.text === 'string' &&
    typeof endpoint.codeVersion === 'string' &&
    Array.isArray(endpoint.parameters) &&
    Array.isArray(endpoint.inputs)
  )
}

/** A file stays inside of the folder that it is unpacked to, and holds what its hash says. */
function isFile(value: unknown): value is BundledFile {
  const file = value as Partial<BundledFile> | null
  if (typeof file?.path !== 'string' || typeof file.base64 !== 'string') return false
  return isInside(file.path) && sha256(Buffer.from(file.base64, 'base64')) === file.sha256
}

function isInside(path: string): boolean {
  const inside = posix.normalize(path)
  return !/^(\.\.?|\.\.\/.*|\/.*)$|[\\\0:]/.test(inside)
}

/**
 * Names of packs are unique in a deployment, and so are those that datasets and endpoints share: SQL,
 * addresses and what a caller may see go by them.
 */
function refuseClashes(packs: readonly Pick<Pack, 'name' | 'datasets' | 'endpoints'>[]): void {
  const owners = new Map<string, string>()
  for (const pack of packs) {
    for (const [space, what, name] of [
      ['pack', 'pack', pack.name],
      ...pack.datasets.map((dataset) => ['rows', 'dataset', dataset.name] as const),
      ...pack.endpoints.map((endpoint) => ['rows', 'endpoint', endpoint.name] as const),
    ] as const) {
      const owner = owners.get(`${space} ${name}`)
      if (owner !== undefined)
        throw new MillraceError('packs-clash', { what, name, owner, pack: pack.name })
      owners.set(`${space} ${name}`, pack.name)
    }
  }
}
