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
  _session: SystemSession,
  _textSha256: string,
): Promise<CodeText | null> {
  throw new Error('to be written')
}

/** The first word counts: a text that is known keeps its code version. */
export async function rememberCode(
  _session: SystemSession,
  _texts: readonly CodeText[],
): Promise<void> {
  throw new Error('to be written')
}

/** Stores what runs under each code version; a version that is there stays as it is. */
export async function storeCode(
  _session: SystemSession,
  _codes: readonly StoredCode[],
): Promise<void> {
  throw new Error('to be written')
}

export async function loadCode(
  _session: SystemSession,
  _codeVersions: readonly string[],
): Promise<StoredCode[]> {
  throw new Error('to be written')
}
