import type { StagedFile } from '#model/outcome.ts'

/**
 * Immutable files of published versions.
 *
 * The order of a publish, each step durable before the next one starts:
 *
 *   1. stage     the engine writes below `staging(attempt)`, fsyncs the file and hashes it
 *   2. check     the data checks read the staged file
 *   3. adopt     fsync once more, move to the final name, fsync the folders above it
 *   4. commit    one catalog transaction inserts the file's row and moves the pointers
 *
 * A file without a committed row does not exist. A crash before 4 leaves an orphan that no reader
 * can name and that `sweepOrphans` removes later; a row without its file cannot come about, for 3
 * is durable before 4 begins. Names contain the attempt's fencing number (see file-path.ts) and
 * `adopt` never replaces a file, so a stalled attempt that wakes up late can only leave an orphan.
 *
 * All paths are relative to the lake, with `/`. The engine works on local paths; a lake on S3
 * stages locally as well, uploads in `adopt` and keeps a local cache of verified copies.
 */
export interface Lake {
  /** Makes the private, empty folder of an attempt and returns its local path. `attempt`: letters, digits, `-`, `_`. */
  staging(attempt: string): Promise<string>
  /**
   * Makes what an earlier attempt has left on this machine (its folder's name begins so) the folder
   * of this one, as it is, and returns its path; null: there is none, and nothing was made. That
   * attempt has lost its lease: should it still run, it no longer finds its folder.
   */
  takeOverStaging(attempt: string, beginning: string): Promise<string | null>
  /** Removes an attempt's staging folder with all it holds; fine when there is none. */
  discardStaging(attempt: string): Promise<void>
  /**
   * Moves a staged file to its final name. Done again for the same bytes it changes nothing.
   * Throws `lake-full`, `lake-denied`, `lake-unreachable`, `file-damaged` (the staged file is not
   * what was staged, or another file has the name).
   *
   * `resumable`: where a process dies meanwhile, whoever takes its folder over goes on behind the
   * parts that have arrived; the file then has the name that it was begun with, not `toPath`.
   */
  adopt(
    staged: StagedFile,
    toPath: string,
    options?: { readonly resumable?: boolean },
  ): Promise<LakeFile>
  /**
   * Compares the file where it lies (never a cached copy) with its hash: on the first look of this
   * process, and again whenever size, time or inode (on S3: its tag) differ; `fresh` always reads
   * it. An S3 server's own SHA-256 of the whole object counts as read. Throws `file-damaged`,
   * `file-missing`, `lake-unreachable`.
   */
  verify(
    file: LakeFile,
    options?: { readonly fresh?: boolean; readonly signal?: AbortSignal | undefined },
  ): Promise<void>
  /**
   * A verified local copy to read from, never to write to. Of a cached copy this process keeps the
   * name for ten minutes at least; who reads later than at once takes a `hold`. Throws as `verify` does.
   */
  localPath(file: LakeFile, signal?: AbortSignal): Promise<string>
  /** Local copies for one piece of work: they stay until its `release`, whatever the cache evicts. */
  hold(): LakeHold
  /** Removes files whose rows are marked swept; missing ones are fine. */
  remove(paths: readonly string[]): Promise<Swept>
  /** What lies below a tenant's folder. */
  tenantUsage(slug: string): Promise<Swept>
  /** Removes everything below a tenant's folder, copies in this machine's cache included. */
  removeTenant(slug: string): Promise<void>
  /**
   * Removes what no committed row names and nobody touched for `olderThanMs`: files outside of
   * `knownPaths`, uploads that never ended, and folders of attempts that died; what a process works
   * with it touches every few minutes. Give an hour or more: between `adopt` and the commit a file
   * is unknown. Code stays.
   */
  sweepOrphans(knownPaths: ReadonlySet<string>, olderThanMs: number): Promise<Swept>
  usage(): Promise<LakeUsage>
  /** Writes, reads and removes a small file: for `doctor`. Throws `lake-full`, `lake-denied`, `lake-unreachable`. */
  probe(): Promise<void>
  /** Keeps a bundle of code under its hash: SHA-256 in lower-case hexadecimal. Again it changes nothing. */
  writeCode(hash: string, bytes: Uint8Array): Promise<void>
  /** The bundle, compared with its hash. Throws `file-missing`, `file-damaged`, `lake-unreachable`. */
  readCode(hash: string): Promise<Uint8Array>
  /** Lets go of connections; to be called once nothing works with the lake any more. */
  close(): Promise<void>
}

export interface LakeHold {
  /** A verified local copy to read from, never to write to. Throws as `verify` does. */
  localPath(file: LakeFile, signal?: AbortSignal): Promise<string>
  /** Safe to call again. */
  release(): Promise<void>
}

/** A published file as the catalog knows it. */
export interface LakeFile {
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

export interface Swept {
  readonly files: number
  readonly bytes: number
}

export interface LakeUsage {
  readonly files: number
  readonly bytes: number
  /** In the staging folders of attempts. */
  readonly stagingBytes: number
  /** Of the disk that holds the lake; of a lake on S3, of the disk that it stages and caches on. */
  readonly freeBytes: number
}
