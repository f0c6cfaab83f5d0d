import type { SystemSession } from '#catalog/session.ts'

/** What is remembered of a source text; see definitions/code-versions.ts. */
export interface CodeText {
  readonly textSha256: string
  readonly codeVersion: string
  /** Names of the datasets that it reads. */
  readonly reads: readonly string[]
}

/** Code as workers run it. */
export interface StoredCode {
  readonly codeVersion: string
  readonly dataset: string
  readonly kind: 'source' | 'sql' | 'typescript'
  /** What runs: the SELECT, the bundle, the declaration as canonical JSON. */
  readonly text: string
}

/** Null when the text has never been seen. */
export async function knownCode(
  session: SystemSession,
  textSha256: string,
): Promise<CodeText | null> {
  const [row] = await session.query<{ codeVersion: string; reads: string[] }>(
    'SELECT code_version AS "codeVersion", reads FROM code_known($1)',
    [textSha256],
  )
  return row ? { textSha256, ...row } : null
}

/** The first word counts: a text that is known keeps its code version. */
export async function rememberCode(
  session: SystemSession,
  texts: readonly CodeText[],
): Promise<void> {
  await session.query('SELECT code_remember($1)', [JSON.stringify(texts)])
}

/** Stores what runs under each code version; a version that is there stays as it is. */
export async function storeCode(
  session: SystemSession,
  codes: readonly StoredCode[],
): Promise<void> {
  await session.query('SELECT code_store($1)', [JSON.stringify(codes)])
}

export async function loadCode(
  session: SystemSession,
  codeVersions: readonly string[],
): Promise<StoredCode[]> {
  return session.query<StoredCode>(
    'SELECT code_version AS "codeVersion", dataset, kind, text FROM code_load($1)',
    [codeVersions],
  )
}
