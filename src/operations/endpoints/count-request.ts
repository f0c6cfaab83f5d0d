import { Transform, type Readable } from 'node:stream'

import { toMillraceError } from '#kernel/errors.ts'
import type { EndpointVersion } from '#model/endpoint.ts'
import type { OperationContext, StreamOutput } from '#operations/operation.ts'

/**
 * Counts one request for rows of an endpoint, from the moment at which its version is known: `answer`
 * calls `known` with it. An answer counts when it is handed over or, where its length is not known,
 * when it has been sent.
 */
export async function countRequest(
  { parts, caller, signal }: OperationContext,
  answer: (known: (version: EndpointVersion) => void) => Promise<StreamOutput>,
): Promise<StreamOutput> {
  const beganMs = parts.clock.monotonicMs()
  let version: EndpointVersion | null = null
  const note = (about: { error?: unknown; isCached?: boolean; rows?: number; bytes?: number }) => {
    // A caller that hangs up is no error of anybody's.
    if (version === null || (about.error !== undefined && signal.aborted)) return
    const { error, isCached = false, rows = 0, bytes = 0 } = about
    parts.traffic.note(caller.tenant, {
      endpoint: version.definition.name,
      version: version.number,
      caller: caller.name,
      error: error === undefined ? null : toMillraceError(error).entry.kind,
      isCached,
      rows,
      bytes,
      ms: parts.clock.monotonicMs() - beganMs,
    })
  }
  let output: StreamOutput
  try {
    output = await answer((found) => (version = found))
  } catch (error) {
    note({ error })
    throw error
  }
  const { rows, sizeBytes } = output
  return {
    ...output,
    async open(opening) {
      let bytes: Readable
      try {
        bytes = await output.open(opening)
      } catch (error) {
        note({ error })
        throw error
      }
      if (sizeBytes !== undefined) {
        note({ rows, bytes: sizeBytes })
        return bytes
      }
      return counted(bytes, (sent) => note({ rows, bytes: sent }))
    },
    async close() {
      // The caller has these bytes already.
      note({ isCached: true })
      await output.close?.()
    },
  }
}

/** Counts a request whose rows are brought later: they are in the delivery's own figures. */
export function countDelivery(
  { parts, caller }: Pick<OperationContext, 'parts' | 'caller'>,
  { definition, number }: EndpointVersion,
  beganMs: number,
): void {
  parts.traffic.note(caller.tenant, {
    endpoint: definition.name,
    version: number,
    caller: caller.name,
    error: null,
    isCached: false,
    rows: 0,
    bytes: 0,
    ms: parts.clock.monotonicMs() - beganMs,
  })
}

function counted(bytes: Readable, done: (sent: number) => void): Readable {
  let sent = 0
  const counting = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      sent += chunk.byteLength
      next(null, chunk)
    },
  })
  counting.once('close', () => {
    bytes.destroy()
    done(sent)
  })
  bytes.once('error', (error) => counting.destroy(error))
  return bytes.pipe(counting)
}
