/** What is kept of a source text that was read before. */
export interface KnownCode {
  /** Identity of the text's meaning: 64 hexadecimal digits. */
  readonly codeVersion: string
  /** Names of the datasets that it reads, in order of first appearance. */
  readonly reads: readonly string[]
}

/**
 * Memory of source texts by their SHA-256. A known text keeps its code version and is not parsed
 * again, so that an upgrade of Millrace, DuckDB or the bundler makes nothing stale by itself.
 * Kept in the catalog; only texts that passed every rule are put in.
 */
export interface CodeVersions {
  get(textSha256: string): Promise<KnownCode | null>
  put(textSha256: string, known: KnownCode): Promise<void>
}

/** For tests, and for commands that have no catalog at hand. */
export function memoryCodeVersions(): CodeVersions {
  const known = new Map<string, KnownCode>()
  return {
    get: async (textSha256) => known.get(textSha256) ?? null,
    put: async (textSha256, code) => void known.set(textSha256, code),
  }
}
