import type { Why } from '#catalog/why.ts'
import { formatDuration } from '#kernel/units.ts'

/** The reason in one sentence, without a full stop. */
export function whySentence(why: Why, now: Date): string {
  switch (why.reason) {
    case 'ended':
      return `It ended ${why.state} ${ago(why.since, now)}`
    case 'running':
      return why.cancelling
        ? `It was asked to stop, and runs on ${why.worker} until that does`
        : `It runs on ${why.worker} since ${span(why.since, now)} (attempt ${why.attempt}); its lease lasts ${span(now, why.until)} more unless it is renewed`
    case 'inputs': {
      const { dataset, partition, state, task } = why.first
      const count = why.count === 1 ? 'one input' : `${why.count} inputs`
      return `It waits for ${count}; the next is ${dataset} ${partition}, which is ${state} (task ${task})`
    }
    case 'time':
      return `It is due at ${why.until.slice(0, 19)}Z, ${ahead(why.until, now)}`
    case 'retry':
      return `Attempt ${why.attempt} did not succeed; the next one begins ${ahead(why.until, now)}`
    case 'paused':
      return `${subject(why)} is paused since ${span(why.since, now)}: ${why.because}`
    case 'limit':
      return `The limit of ${lower(subject(why))} is reached: ${why.running} of ${why.max} running`
    case 'rate':
      return `The rate of ${lower(subject(why))} is used up: ${why.max} within ${formatDuration(why.withinMs ?? 0)}, the next start ${why.until === null ? 'soon' : ahead(why.until, now)}`
    case 'key':
      return `Its concurrency key "${why.key}" is busy: ${why.running} of ${why.max} running (task ${why.first}), ${counted(why.ahead)} with this key ahead of it`
    case 'pull':
      return why.ahead === 0
        ? `It is the next for a worker of another service that leases "${why.name}"`
        : `It waits for a worker of another service that leases "${why.name}"; ${counted(why.ahead)} ahead of it`
    case 'no-worker':
      return noWorker(why)
    case 'slots': {
      const share = Math.round((why.weight / Math.max(why.weights, why.weight)) * 100)
      const yields =
        why.class === 'backfill'
          ? '; it belongs to a backfill, which yields to everything else'
          : ''
      return `All ${why.slots} slots that could take it are busy, ${why.tenantBusy} of them with this tenant's work (its share is ${share} %); ${counted(why.ahead)} of this tenant ahead of it${yields}`
    }
    case 'soon':
      return why.ahead === 0
        ? 'Nothing holds it back: it is about to start'
        : `Nothing holds it back; ${counted(why.ahead)} of this tenant ahead of it, and ${why.slots - why.busy} of ${why.slots} slots free`
  }
}

function noWorker(why: Extract<Why, { reason: 'no-worker' }>): string {
  if (why.alive === 0) return 'No worker is alive that could take it'
  if (why.doing === 0) {
    return why.handler === 'call'
      ? 'No worker that is alive calls other services'
      : 'No worker that is alive does such tasks'
  }
  return `No worker that is alive has its ${why.tags.length === 1 ? 'tag' : 'tags'} ${why.tags.join(', ')}`
}

function subject({
  scope,
  value,
  everywhere,
}: {
  readonly scope: string
  readonly value: string
  readonly everywhere: boolean
}): string {
  if (scope === 'all') return 'Everything'
  const what =
    scope === 'tenant' ? 'The tenant' : `${scope[0]?.toUpperCase()}${scope.slice(1)} "${value}"`
  return everywhere ? `${what} (all tenants)` : what
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

function counted(tasks: number): string {
  if (tasks >= 10_000) return 'at least 10,000 tasks are'
  return tasks === 1 ? 'one task is' : `${tasks === 0 ? 'no' : tasks} tasks are`
}

function span(from: string | Date, to: string | Date): string {
  return formatDuration(Math.max(0, new Date(to).getTime() - new Date(from).getTime()))
}

function ago(at: string, now: Date): string {
  return `${span(at, now)} ago`
}

function ahead(at: string, now: Date): string {
  return `in ${span(now, at)}`
}
