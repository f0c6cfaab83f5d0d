import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Packs that Millrace brings and everybody has. */
const SHIPPED_PACKS = ['events']
/** Packs that Millrace brings for those who name them. */
const FURTHER_PACKS = ['traffic']

/** Folders of the packs that everybody has. */
export function shippedFolders(): string[] {
  return SHIPPED_PACKS.map(ownFolder)
}

/** The folder of a pack as it is written: a path, or the name of one that Millrace brings. */
export function packFolder(written: string): string {
  return FURTHER_PACKS.includes(written) ? ownFolder(written) : resolve(written)
}

function ownFolder(name: string): string {
  return fileURLToPath(new URL(`../../packs/${name}`, import.meta.url))
}
