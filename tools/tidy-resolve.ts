import { posix } from 'node:path'

/** How the portal calls the folders that it knows. */
const portalNames: Readonly<Record<string, string>> = {
  '~/': 'portal/src/',
  '#charts/': 'src/charts/',
  '#sdk/': 'sdk/src/',
}

/** The file of the repository that an import of `path` means; undefined: a package or a part of Node. */
export function resolveImport(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(path), specifier)
  if (path.startsWith('portal/')) {
    const name = Object.keys(portalNames).find((own) => specifier.startsWith(own))
    return name && `${portalNames[name]}${specifier.slice(name.length)}`
  }
  return specifier.startsWith('#') ? `src/${specifier.slice(1)}` : undefined
}
