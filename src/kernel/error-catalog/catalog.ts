import type { ErrorEntry } from '#kernel/error-entry.ts'

export const catalogErrors = {
  'catalog-unreachable': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the catalog at {place} cannot be reached: {message}',
    remedy:
      'Check that the database runs and that DATABASE_URL names it; `millrace doctor` tries it.',
  },
  'catalog-unsupported': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'the catalog at {place} is PostgreSQL {version}; Millrace needs 15 or later',
    remedy: 'Upgrade the database, or unset DATABASE_URL to use the embedded catalog.',
  },
  'catalog-newer': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'the catalog was written by a newer Millrace: it has migration {found}, this program knows {known}',
    remedy: 'Start the newer Millrace, or restore the backup that was made before the upgrade.',
  },
  'catalog-changed': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'migration {migration} of the catalog is not the one that this program ships',
    remedy:
      'Start the release of Millrace that made this catalog; migrations that were applied never change.',
  },
  'catalog-roles-unsafe': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'the database role {role} {fault}, so row-level security would not keep tenants apart',
    remedy: 'Take that right from the role: {fix}',
  },
  'catalog-roles-missing': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'the database user {user} cannot make the roles of Millrace: {message}',
    remedy:
      'Run src/catalog/roles.sql once as a user who may, or grant {user} CREATEROLE for the first start.',
  },
  'catalog-nested': {
    kind: 'bug',
    status: 500,
    retryable: false,
    text: 'a catalog transaction was opened inside another one',
    remedy:
      'Use the session of the transaction that is open; please report this with `millrace doctor`.',
  },
  'catalog-session-ended': {
    kind: 'bug',
    status: 500,
    retryable: false,
    text: 'a catalog session was used after its transaction had ended',
    remedy:
      'Await every query before the transaction ends; please report this with `millrace doctor`.',
  },
  'home-locked': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: '{folder} is in use by process {pid}, {address}, since {started}',
    remedy: 'Use that server, stop it (`kill {pid}`), or choose another MILLRACE_HOME.',
  },
  'tenant-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'a tenant named "{tenant}" exists already',
    remedy: 'Choose another name; names of tenants are never reused.',
  },
  'tenant-slug-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{tenant}" cannot name a tenant',
    remedy: 'Use 1 to 40 lower-case letters, digits and inner hyphens, beginning with a letter.',
  },
  'run-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no run "{run}"',
    remedy: '`millrace runs` lists those that there are.',
  },
  'run-running': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'run "{run}" is still running',
    remedy: 'Wait for its end, or stop it first.',
  },
  'run-ended': {
    kind: 'bug',
    status: 409,
    retryable: false,
    text: 'run "{run}" has ended ({state}), no task can join it',
    remedy: 'Start another run; please report this with `millrace doctor`.',
  },
  'check-failed': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: '{dataset} was held back by its checks: {checks}',
    remedy:
      'Correct the data or the check, then run again; what was served before is served still.',
  },
  'task-skipped': {
    kind: 'operational',
    status: 409,
    retryable: false,
    text: 'not run, because {dataset} {partition}, which it needs, is {state}',
    remedy: 'Correct the cause there and run again; what was skipped is built then.',
  },
  'task-too-slow': {
    kind: 'operational',
    status: 504,
    retryable: true,
    text: 'attempt {attempt} of {dataset} {partition} took longer than the {timeoutMs} ms that it may take',
    remedy:
      'Another attempt follows while there are any left; give it a longer timeout, or less to do.',
  },
  'task-not-begun': {
    kind: 'operational',
    status: 504,
    retryable: false,
    text: 'nobody began {dataset} {partition} before {until}',
    remedy: 'See why it waited with `millrace why`; start more workers, or let it wait longer.',
  },
  'worker-lost': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'worker {worker} stopped answering in attempt {attempt} of {dataset} {partition}',
    remedy:
      'Another attempt follows by itself; if it happens again, see `millrace logs` for what it did last.',
  },
} as const satisfies Record<string, ErrorEntry>
