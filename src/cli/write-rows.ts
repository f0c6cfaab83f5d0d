import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { MillraceError } from '#kernel/errors.ts'
import type { StreamOutput } from '#operations/operation.ts'

/** Streams rows to the output. A reader that has seen enough (`| head`) ends it quietly. */
export async function writeToOutput(rows: StreamOutput, out: Writable): Promise<void> {
  const bytes = await rows.open()
  const fault = watchFaults(bytes, out)
  try {
    await pipeline(bytes, out, { end: false })
  } catch (error) {
    if (fault.first === 'rows') throw cutShort(error)
    if (!out.destroyed && (error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

/** Whole or not at all: a stopped command leaves no half file under the name. */
export async function writeToFile(rows: StreamOutput, path: string): Promise<void> {
  const unfinished = `${path}.part`
  const bytes = await rows.open()
  const file = createWriteStream(unfinished)
  const fault = watchFaults(bytes, file)
  try {
    await pipeline(bytes, file)
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    if (fault.first === 'rows') throw cutShort(error)
    const message = error instanceof Error ? error.message : String(error)
    throw new MillraceError('output-unwritable', { path, message }, { cause: error })
  }
}

/** Which side failed first: an error of one is passed on to the other. */
function watchFaults(rows: Readable, place: Writable): { first: 'rows' | 'place' | null } {
  const fault: { first: 'rows' | 'place' | null } = { first: null }
  rows.once('error', () => (fault.first ??= 'rows'))
  place.once('error', () => (fault.first ??= 'place'))
  return fault
}

function cutShort(error: unknown): MillraceError {
  const message = error instanceof Error ? error.message : String(error)
  return new MillraceError('answer-incomplete', { message }, { cause: error })
}
