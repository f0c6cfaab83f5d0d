import type { ServerResponse } from 'node:http'

/** What is under way in a server, so that it ends when nobody waits for it any more. */
export interface OpenRequests {
  /** Aborted when whoever asked has gone before the answer, and when the server stops. */
  signalOf(response: ServerResponse): AbortSignal
}

/**
 * One controller a request, and one listener for all of them: `AbortSignal.any` would cost each
 * request more than an answer from memory does.
 */
export function openRequests(stopping: AbortSignal): OpenRequests {
  const open = new Set<AbortController>()
  const stop = () => {
    for (const request of open) request.abort(stopping.reason)
  }
  stopping.addEventListener('abort', stop, { once: true })

  return {
    signalOf(response) {
      const request = new AbortController()
      const leave = () => {
        open.delete(request)
        if (!response.writableFinished) request.abort(new Error('the caller has gone'))
      }
      if (stopping.aborted) request.abort(stopping.reason)
      else if (response.destroyed) leave()
      else {
        open.add(request)
        response.once('close', leave)
      }
      return request.signal
    },
  }
}
