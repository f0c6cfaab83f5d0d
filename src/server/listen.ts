import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'

import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Starts listening and returns the address under which this machine reaches the server. */
export async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE')
      throw new MillraceError('port-busy', { host, port }, { cause: error })
    throw new MillraceError('listen-denied', { host, port, message }, { cause: error })
  }
  const bound = app.server.address() as AddressInfo
  const any = bound.address === '0.0.0.0' || bound.address === '::'
  const name = any ? '127.0.0.1' : bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
  return `http://${name}:${bound.port}`
}

/** Requests that are being answered may end, at most `graceMs`; new ones are refused. */
export async function stopListening(
  app: FastifyInstance,
  clock: Clock,
  graceMs: number,
): Promise<void> {
  const patience = new AbortController()
  const closed = app.close().finally(() => patience.abort())
  await clock.sleep(graceMs, patience.signal).then(
    () => app.server.closeAllConnections(),
    () => {},
  )
  await closed
}
