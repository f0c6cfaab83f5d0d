import type { Catalog } from '#catalog/catalog.ts'
import { knownCode, rememberCode } from '#catalog/code.ts'
import type { CodeVersions } from '#definitions/code-versions.ts'

/** The memory of source texts, kept in the catalog: see definitions/code-versions.ts. */
export function openCatalogCodeVersions(catalog: Catalog): CodeVersions {
  return {
    get: (textSha256) => catalog.asSystem((session) => knownCode(session, textSha256)),
    put: (textSha256, code) =>
      catalog.asSystem((session) => rememberCode(session, [{ textSha256, ...code }])),
  }
}
