/** An object that Millrace keeps itself, as it was when somebody looked. */
export interface KeptObject {
  /** Address without the scheme: `endpoints/2026/11/22.ndjson`. */
  readonly name: string
  readonly sizeBytes: number
  /** Changes whenever the bytes change; opaque. */
  readonly etag: string
  readonly modifiedAt: Date
}

/**
 * What Millrace keeps of one tenant, in the form of objects. Whoever hands it out has bound it to that
 * tenant: no name leads to what is kept of another one.
 */
export interface KeptObjects {
  /** Null: there is none of that name. */
  find(name: string, signal?: AbortSignal): Promise<KeptObject | null>
  /** Those whose name begins so, ordered by the UTF-8 bytes of their names. */
  list(prefix: string, signal?: AbortSignal): AsyncIterable<KeptObject>
  /**
   * The bytes in their order, and at their end what they were: the object may have changed since
   * somebody looked. Ends with null where there is none of that name.
   */
  read(
    name: string,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, Omit<KeptObject, 'sizeBytes'> | null>
}
