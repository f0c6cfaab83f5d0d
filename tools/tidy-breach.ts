export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

/** A rule of the house that a file does not keep, in words, with the line to look at. */
export interface Breach {
  readonly path: string
  readonly line: number
  readonly text: string
}
