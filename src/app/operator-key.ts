import { readFile, stat } from 'node:fs/promises'

import { MillraceError } from '#kernel/errors.ts'

const LENGTH_LEAST = 32

/** The operators' key out of its file; null where none is set. Throws `operator-key-unusable`. */
export async function readOperatorKey(file: string | null): Promise<string | null> {
  if (file === null) return null
  const refuse = (problem: string, cause?: unknown) =>
    new MillraceError('operator-key-unusable', { file, problem }, { cause })
  try {
    const { mode } = await stat(file)
    if ((mode & 0o007) !== 0) throw refuse('everybody on this machine may read it')
    const key = (await readFile(file, 'utf8')).trim()
    if (!/^[\x21-\x7e]+$/.test(key)) throw refuse('it holds more than one word')
    if (key.length >= LENGTH_LEAST) return key
    throw refuse(`it has fewer than ${LENGTH_LEAST} characters`)
  } catch (error) {
    if (error instanceof MillraceError) throw error
    throw refuse((error as Error).message, error)
  }
}
