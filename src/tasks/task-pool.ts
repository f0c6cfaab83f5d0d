import { startTaskProcess, type TaskProcess, type TaskProcessOptions } from '#tasks/task-process.ts'

/** Processes that wait for tasks, so that none waits for a process. */
export interface TaskPool {
  /** A process that is idle, or a new one. */
  take(): TaskProcess
  /** Keeps it for the next batch if it is sound; `tasks` of a tenant were carried out in it. */
  giveBack(process: TaskProcess, tasks: number, tenantId: number): void
  warm(): void
  /** Kills all of them and waits for their end. */
  close(): Promise<void>
}

/** A process that has done so much makes room for a fresh one: modules pile up, of former deployments and of tenants. */
const TASKS_MAX = 20_000
const TENANTS_MAX = 100

export function openTaskPool(options: TaskProcessOptions & { readonly keep: number }): TaskPool {
  const all = new Set<TaskProcess>()
  const idle: TaskProcess[] = []
  const done = new Map<TaskProcess, { tasks: number; readonly tenants: Set<number> }>()
  let isOpen = true

  function start(): TaskProcess {
    const process = startTaskProcess(options)
    all.add(process)
    void process.ended.then(() => {
      all.delete(process)
      done.delete(process)
      const place = idle.indexOf(process)
      if (place >= 0) idle.splice(place, 1)
    })
    return process
  }

  return {
    take() {
      let process = idle.pop()
      while (process && !process.isUsable) process = idle.pop()
      return process ?? start()
    },
    giveBack(process, tasks, tenantId) {
      const total = done.get(process) ?? { tasks: 0, tenants: new Set<number>() }
      done.set(process, total)
      total.tasks += tasks
      total.tenants.add(tenantId)
      const isFresh = total.tasks < TASKS_MAX && total.tenants.size < TENANTS_MAX
      if (isOpen && process.isUsable && isFresh && idle.length < options.keep) idle.push(process)
      else process.kill()
    },
    warm() {
      if (isOpen && idle.length === 0) idle.push(start())
    },
    async close() {
      isOpen = false
      const ends = [...all].map(({ ended }) => ended)
      for (const process of all) process.kill()
      await Promise.all(ends)
    },
  }
}
