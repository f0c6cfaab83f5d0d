import { Transform } from 'node:stream'

import type { CommandContext } from '#cli/command.ts'
import { LiveBlock } from '#cli/live-block.ts'
import { renderTransfer } from '#cli/render/transfer-view.ts'
import { writeToFile } from '#cli/write-rows.ts'
import type { Clock } from '#kernel/clock.ts'
import type { StreamOutput } from '#operations/operation.ts'

const DRAW_EVERY_MS = 200

/** Writes a stream into a file and shows how far it is, where somebody looks. */
export async function writeWithProgress(
  stream: StreamOutput,
  path: string,
  { terminal, clock }: Pick<CommandContext, 'terminal' | 'clock'>,
): Promise<void> {
  const block = terminal.errIsTty ? new LiveBlock(terminal.err) : null
  const draw = everySo(clock, (bytes) => {
    block?.draw(renderTransfer(terminal.errLook(), path, bytes, stream.sizeBytes ?? null))
  })
  let bytes = 0
  const counted: StreamOutput = {
    ...stream,
    async open(signal) {
      const source = await stream.open(signal)
      const meter = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          bytes += chunk.length
          draw(bytes)
          done(null, chunk)
        },
      })
      source.on('error', (error) => meter.destroy(error))
      meter.on('close', () => source.destroy())
      return source.pipe(meter)
    },
  }
  try {
    await writeToFile(counted, path)
  } finally {
    block?.clear()
  }
  terminal.note(renderTransfer(terminal.errLook(), path, bytes, bytes))
}

/** Calls back at most every so often. */
export function everySo(clock: Clock, draw: (value: number) => void): (value: number) => void {
  let nextMs = -Infinity
  return (value) => {
    const nowMs = clock.monotonicMs()
    if (nowMs < nextMs) return
    nextMs = nowMs + DRAW_EVERY_MS
    draw(value)
  }
}
