import { toErrorData } from '#kernel/errors.ts'
import { PartitionError, isInternalError, toJobError } from '#engine/child/job-error.ts'
import { startMeasuring } from '#engine/child/job-cost.ts'
import { runJob } from '#engine/child/run-job.ts'
import type { FromChild, Job, ToChild } from '#engine/protocol.ts'
import type { Session } from '#engine/session.ts'

/**
 * Entry of an engine child: answers `job` messages one at a time until the channel closes. It holds
 * no state between jobs; each has an instance of its own, closed when the job ends.
 */

let current: { readonly id: number; readonly abort: AbortController } | null = null

function send(message: FromChild): void {
  process.send?.(message)
}

async function perform(id: number, job: Job): Promise<void> {
  const abort = new AbortController()
  current = { id, abort }
  const costSoFar = startMeasuring()
  const sessions: Session[] = []
  const interrupt = () => sessions.forEach((session) => session.interrupt())
  abort.signal.addEventListener('abort', interrupt)
  // An interrupt that arrives between two statements is lost; it is repeated until the job ends.
  const repeat = setInterval(() => abort.signal.aborted && interrupt(), 100)
  try {
    const result = await runJob(job, {
      signal: abort.signal,
      progress: (progress) => send({ type: 'progress', id, progress }),
      adopt: (session) => {
        sessions.push(session)
        return session
      },
    })
    closeAll(sessions)
    send({ type: 'done', id, result, cost: costSoFar() })
  } catch (thrown) {
    const broken = isInternalError(thrown)
    if (!broken) closeAll(sessions)
    send({
      type: 'failed',
      id,
      error: toErrorData(toJobError(job, thrown)),
      cost: costSoFar(),
      partition: thrown instanceof PartitionError ? thrown.partition : null,
      broken,
    })
  } finally {
    clearInterval(repeat)
    current = null
  }
}

function closeAll(sessions: Session[]): void {
  for (const session of sessions.splice(0)) session.close()
}

process.on('message', (message: ToChild) => {
  if (message.type === 'job') void perform(message.id, message.job)
  else if (current?.id === message.id) current.abort.abort()
})
// The parent is gone, and with it whoever would read an answer or obey a deadline. An orderly exit
// would wait for the threads of a query that may never end.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C reaches the whole process group; the parent decides when its children end.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
send({ type: 'ready' })
