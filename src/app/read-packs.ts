import type { Config } from '#app/config.ts'
import { shippedFolders } from '#app/shipped-packs.ts'
import type { CodeVersions } from '#definitions/code-versions.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { readPack } from '#definitions/read-pack.ts'
import type { Pack } from '#model/definition.ts'

/** Folders of the packs on this machine: those that Millrace brings, then those of the settings. */
export function packFolders(config: Pick<Config, 'packs'>): string[] {
  return [...shippedFolders(), ...config.packs]
}

/** Reads and checks packs. Throws errors of kind `definition`. */
export async function readPacks(
  folders: readonly string[],
  codeVersions: CodeVersions,
): Promise<Pack[]> {
  const parser = openDuckdbParser()
  try {
    const packs: Pack[] = []
    for (const folder of folders) {
      const { serializeSql, describeSql } = parser
      packs.push(await readPack(folder, { serializeSql, describeSql, codeVersions }))
    }
    return packs
  } finally {
    parser.close()
  }
}
