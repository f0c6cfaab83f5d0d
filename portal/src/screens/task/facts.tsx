import type { ReactNode } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { tasksTexts } from '~/texts/tasks.ts'
import { taskTexts as texts } from '~/texts/task.ts'
import { Card } from '~/ui/card.tsx'
import { Progress } from '~/ui/drawings.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { SkeletonRows } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'

export type BuildTask = OutputOf<'tasks.logs'>['task']
export type BackgroundTask = OutputOf<'tasks.show'>

/** A part of a run: which partition, and why it was planned. */
export function BuildFacts({ task }: { readonly task: BuildTask }) {
  return (
    <Card title={texts.facts}>
      <Facts
        of={[
          [texts.dataset, task.dataset],
          [texts.partition, task.partition],
          [
            texts.reason,
            [
              task.reason,
              ...(task.conditional ? [texts.conditional] : []),
              ...(task.forced ? [texts.forced] : []),
            ].join(', '),
          ],
          [texts.rows, task.rows === null ? null : formatCount(task.rows)],
        ]}
      />
    </Card>
  )
}

/** Work that a service handed over: who, when, and under which terms. */
export function BackgroundFacts({ task }: { readonly task: BackgroundTask | null }) {
  if (task === null) {
    return (
      <Card title={texts.facts}>
        <SkeletonRows rows={4} />
      </Card>
    )
  }
  const time = (at: string | null) => (at === null ? null : <Time at={at} exact />)
  const { progress, callback, ahead } = task
  return (
    <Card title={texts.facts}>
      {progress !== null && task.endedAt === null && (
        <div className="mb-3">
          <p className="mb-1 text-xs text-soft [overflow-wrap:anywhere]">
            {progress.message ?? texts.progress}
          </p>
          <Progress
            label={texts.progress}
            share={progress.total ? (progress.done ?? 0) / progress.total : null}
          />
        </div>
      )}
      <Facts
        of={[
          [texts.name, task.name],
          [texts.posted, time(task.createdAt)],
          [texts.askedBy, task.askedBy],
          [texts.handler, tasksTexts.handlers[task.handler]],
          [texts.attempts, texts.attemptsOf(task.attempts, task.maxAttempts)],
          [
            texts.why,
            ahead !== null && ahead.tasks > 0
              ? texts.ahead(formatCount(ahead.tasks), ahead.more)
              : null,
          ],
          [texts.priority, task.priority === 0 ? null : String(task.priority)],
          [texts.tags, task.tags.length === 0 ? null : task.tags.join(', ')],
          [texts.key, task.concurrencyKey],
          [texts.idempotency, task.idempotencyKey],
          [texts.timeout, task.timeoutMs === null ? null : formatDuration(task.timeoutMs)],
          [texts.due, time(task.runAt)],
          [texts.startBefore, time(task.startBefore)],
          [texts.deadline, time(task.deadlineAt)],
          [
            texts.callback,
            callback &&
              `${callback.url}: ${texts.callbackStates[callback.state]}${callback.error === null ? '' : `, ${callback.error}`}`,
          ],
        ]}
      />
    </Card>
  )
}

/** Names and values; what has no value is left out. */
function Facts({ of }: { readonly of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-sm">
      {of
        .filter(([, value]) => value !== null && value !== '')
        .map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-faint">{name}</dt>
            <dd className="max-h-32 overflow-y-auto [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
    </dl>
  )
}
