import type { z } from 'zod'

import { renderData } from '#cli/render/data-view.ts'
import { paint, type Look, type Tone } from '#cli/render/look.ts'
import { renderTable } from '#cli/render/table.ts'
import { harmless } from '#cli/render/text.ts'
import { formatInstant } from '#cli/render/units.ts'
import { formatCount, formatDuration } from '#kernel/units.ts'
import type { listTasksOperation } from '#operations/tasks/list.ts'
import type { postTasksOperation } from '#operations/tasks/post.ts'
import type { showTask } from '#operations/tasks/show.ts'

type Listed = z.output<typeof listTasksOperation.output>
type Shown = z.output<typeof showTask.output>
type Posted = z.output<typeof postTasksOperation.output>
type Task = Listed['tasks'][number]

const tones: Readonly<Record<string, Tone>> = {
  done: 'good',
  failed: 'bad',
  cancelled: 'faint',
  running: 'accent',
}

export function renderTasks(look: Look, { tasks, next }: Listed): string[] {
  if (tasks.length === 0) return ['No background tasks.']
  const rows = tasks.map((task) => [
    task.id,
    task.name,
    { text: stateOf(task), tone: tones[task.state] ?? 'info' },
    `${task.attempts}/${task.maxAttempts}`,
    formatInstant(task.createdAt),
    noteOf(task),
  ])
  const columns = [
    { title: 'task', fixed: true },
    { title: 'name' },
    { title: 'state', fixed: true },
    { title: 'attempts', align: 'right', fixed: true } as const,
    { title: 'posted (UTC)', fixed: true },
    { title: 'note' },
  ]
  const more = next === null ? [] : ['', `More: --cursor ${next}`]
  return [...renderTable(look, columns, rows), ...more]
}

function stateOf({ state, runAt }: Task): string {
  return state === 'ready' && runAt !== null ? 'later' : state
}

/** What matters of it now: when it begins, how far it is, why it failed. */
function noteOf({ state, runAt, progress, error }: Task): string {
  if (state === 'ready' && runAt !== null) return `from ${formatInstant(runAt)} on`
  if (state === 'running' && progress) return progressOf(progress)
  return error?.message ?? ''
}

function progressOf({ done, total, message }: NonNullable<Task['progress']>): string {
  const count = done === undefined ? '' : total === undefined ? `${done}` : `${done} of ${total}`
  return [count, message ?? ''].filter((part) => part !== '').join(', ')
}

export function renderTask(look: Look, task: Shown): string[] {
  const title = `${task.id} ${task.name}`
  const state = paint(look, tones[task.state] ?? 'info', stateOf(task))
  const facts: [string, string | null][] = [
    ['posted', `${formatInstant(task.createdAt)} by ${task.askedBy}`],
    ['begins', task.runAt && formatInstant(task.runAt)],
    ['ahead', task.ahead && aheadOf(task.ahead)],
    ['progress', task.progress && progressOf(task.progress)],
    ['took', tookOf(task)],
    ['attempts', `${task.attempts} of ${task.maxAttempts}`],
    ['error', task.error?.message ?? null],
    ['way out', task.error?.remedy ?? null],
    ['callback', task.callback && `${task.callback.state} to ${task.callback.url}`],
  ]
  const shown = facts.filter((fact): fact is [string, string] => fact[1] !== null)
  const lines = shown.map(
    ([name, text]) => `  ${paint(look, 'faint', name.padEnd(9))}${harmless(text)}`,
  )
  const attempts = task.attempted.map((attempt) => [
    String(attempt.number),
    attempt.state,
    formatInstant(attempt.startedAt),
    attempt.worker,
    attempt.error?.message ?? '',
  ])
  const columns = ['attempt', 'came out', 'began (UTC)', 'worker', 'error'].map((name) => ({
    title: name,
  }))
  return [
    `${paint(look, 'strong', harmless(title))}  ${state}`,
    ...lines,
    ...(attempts.length > 1 ? ['', ...renderTable(look, columns, attempts)] : []),
    ...jsonOf(look, 'payload', task.payload),
    ...(task.state === 'done' ? jsonOf(look, 'result', task.result) : []),
  ]
}

function aheadOf({ tasks, more }: NonNullable<Shown['ahead']>): string {
  const count = `${formatCount(tasks)}${more ? ' or more' : ''}`
  return `${count} of the same name come first`
}

function tookOf({ startedAt, endedAt }: Shown): string | null {
  if (startedAt === null || endedAt === null) return null
  return formatDuration(Date.parse(endedAt) - Date.parse(startedAt))
}

function jsonOf(look: Look, title: string, value: unknown): string[] {
  const text = JSON.stringify(value ?? null, null, 2)
  return ['', paint(look, 'faint', title), ...text.split('\n').map((line) => `  ${harmless(line)}`)]
}

export function renderPosted(look: Look, posted: Posted): string[] {
  if (!('tasks' in posted)) {
    return [`${posted.existed ? 'There already: ' : ''}${posted.id}  ${posted.state}`]
  }
  const existed = posted.tasks.filter((task) => task.existed).length
  const count = `${formatCount(posted.tasks.length)} tasks`
  return [
    existed === 0 ? `Posted ${count}.` : `${count}, ${formatCount(existed)} of them there already.`,
    ...renderData(look, { first: posted.tasks[0]?.id, last: posted.tasks.at(-1)?.id }),
  ]
}
