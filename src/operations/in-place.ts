import type { Readable } from 'node:stream'

import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { bytesOf } from '#kernel/held-bytes.ts'
import type { CellPlaces } from '#operations/parts.ts'
import type {
  Caller,
  Identity,
  Operation,
  OperationContext,
  StreamOutput,
} from '#operations/operation.ts'

/**
 * Where an operation works: in the directory what concerns people, keys and the deployment, in the
 * tenant's own place what concerns its data, unless the operation says otherwise.
 */
export function homeOf({ home, permission }: Operation): 'directory' | 'tenant' {
  return home ?? (ofData.has(permission) ? 'tenant' : 'directory')
}

const ofData: ReadonlySet<string> = new Set(['read', 'export', 'write', 'run'])

/** Runs `work` with the parts of the place that the operation works in. Throws `cell-unreachable`. */
export async function inPlace<T>(
  operation: Operation,
  context: OperationContext<Identity>,
  work: (context: OperationContext<Identity>) => Promise<T>,
): Promise<T> {
  const { caller, parts } = context
  if (!('tenant' in caller) || homeOf(operation) === 'directory') return work(context)
  const { cells } = parts
  const held = await cells.holdFor((caller as Caller).tenant)
  if (held === null) return work(context)
  const cell = held.name
  const changes = operation.rest.method !== 'GET'
  try {
    // Before and after: whoever does the work looks, even where this process dies in between.
    if (changes) await cells.wake(cell)
    const output = await work({ ...context, parts: held.parts })
    if (changes) await cells.wake(cell)
    if (operation.output !== 'stream') return output
    return { ...output, open: openHeld(cells, cell, output as StreamOutput) }
  } catch (error) {
    throw ofCell(error)
  } finally {
    held.release()
  }
}

/** The cell stays open until the stream has ended. */
function openHeld(cells: CellPlaces, cell: string, output: StreamOutput): StreamOutput['open'] {
  return async (signal) => {
    const { release } = await cells.hold(cell)
    let stream: Readable
    try {
      stream = await output.open(signal)
    } catch (error) {
      release()
      throw ofCell(error)
    }
    // Bytes that are in memory are taken as they are, and their stream never ends.
    if (bytesOf(stream) === null) stream.once('close', release)
    else release()
    return stream
  }
}

/** Addresses of a cell's database and lake are for operators, who find them among the causes. */
function ofCell(thrown: unknown): unknown {
  const { code } = toMillraceError(thrown)
  if (code !== 'catalog-unreachable' && code !== 'lake-unreachable') return thrown
  return new MillraceError('cell-unreachable', {}, { cause: thrown })
}
