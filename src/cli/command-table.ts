import type { Command } from '#cli/command.ts'

export interface CommandEntry {
  readonly name: string
  readonly summary: string
  readonly group: 'every day' | 'this machine'
  load(): Promise<Command>
}

/** The commands with a form of their own; `<resource> <verb>` comes from the operations. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'run',
    summary: 'compute what is missing, stale or failed, with inputs and downstream',
    group: 'every day',
    load: async () => (await import('#cli/commands/run.ts')).runCommand,
  },
  {
    name: 'plan',
    summary: 'what `run` would do, and why',
    group: 'every day',
    load: async () => (await import('#cli/commands/plan.ts')).planCommand,
  },
  {
    name: 'show',
    summary: 'rows of a dataset as table, csv, json, ndjson or parquet',
    group: 'every day',
    load: async () => (await import('#cli/commands/show.ts')).showCommand,
  },
  {
    name: 'rerun',
    summary: 'compute exactly these partitions again, even if fresh',
    group: 'every day',
    load: async () => (await import('#cli/commands/run.ts')).rerunCommand,
  },
  {
    name: 'backfill',
    summary: 'compute past partitions, of one or many tenants, steered as one',
    group: 'every day',
    load: async () => (await import('#cli/commands/backfill.ts')).backfillCommand,
  },
  {
    name: 'accept',
    summary: 'declare that a change of code changes no results',
    group: 'every day',
    load: async () => (await import('#cli/commands/accept.ts')).acceptCommand,
  },
  {
    name: 'undo',
    summary: 'put back what was served before a run',
    group: 'every day',
    load: async () => (await import('#cli/commands/undo.ts')).undoCommand,
  },
  {
    name: 'status',
    summary: 'state of every partition at a glance',
    group: 'every day',
    load: async () => (await import('#cli/commands/status.ts')).statusCommand,
  },
  {
    name: 'runs',
    summary: 'the newest runs, or one of them in detail',
    group: 'every day',
    load: async () => (await import('#cli/commands/runs.ts')).runsCommand,
  },
  {
    name: 'logs',
    summary: 'log of a task with its attempts',
    group: 'every day',
    load: async () => (await import('#cli/commands/logs.ts')).logsCommand,
  },
  {
    name: 'why',
    summary: 'why a task waits, in one sentence',
    group: 'every day',
    load: async () => (await import('#cli/commands/why.ts')).whyCommand,
  },
  {
    name: 'quarantine',
    summary: 'rows that were held back: file, line, column and why',
    group: 'every day',
    load: async () => (await import('#cli/commands/quarantine.ts')).quarantineCommand,
  },
  {
    name: 'doctor',
    summary: 'is everything healthy, and what to do where it is not',
    group: 'every day',
    load: async () => (await import('#cli/commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'serve',
    summary: 'start the server: API, page and work',
    group: 'this machine',
    load: async () => (await import('#cli/commands/serve.ts')).serveCommand,
  },
  {
    name: 'worker',
    summary: 'work on the tasks of a shared deployment, and nothing else',
    group: 'this machine',
    load: async () => (await import('#cli/commands/worker.ts')).workerCommand,
  },
  {
    name: 'deploy',
    summary: 'check packs and make them what every server and worker runs',
    group: 'this machine',
    load: async () => (await import('#cli/commands/deploy.ts')).deployCommand,
  },
  {
    name: 'chaos',
    summary: 'kill, stop and cut off a scratch deployment, and see that nothing is lost',
    group: 'this machine',
    load: async () => (await import('#cli/commands/chaos.ts')).chaosCommand,
  },
  {
    name: 'setup-link',
    summary: 'a link that works once and makes whoever opens it an operator',
    group: 'this machine',
    load: async () => (await import('#cli/commands/setup-link.ts')).setupLinkCommand,
  },
  {
    name: 'config',
    summary: 'every setting with its value, secrets masked',
    group: 'this machine',
    load: async () => (await import('#cli/commands/config.ts')).configCommand,
  },
]

/** Everyday commands that have the verbs of their resource beside what they do alone. */
export const everydayWithVerbs: ReadonlySet<string> = new Set(['runs', 'quarantine'])
