import type { ErrorEntry } from '#kernel/errors.ts'

/**
 * Every error code with its HTTP status, whether a retry may help, its text and the way out.
 * Codes are stable: other programs match on them. `docs/reference/errors.md` is generated from here.
 */
export const errorCatalog = {
  // ours
  internal: {
    kind: 'bug',
    status: 500,
    retryable: false,
    text: 'Millrace met a case that it was not written for: {message}',
    remedy: 'Please report this with the output of `millrace doctor`.',
  },

  // running
  'source-unconfigured': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'source "{source}" has no location for tenant "{tenant}"',
    remedy:
      "Say where it lies, once: `millrace run {source} --month 2021-04 --location 's3://bucket/{yyyy}/{MM}/file.csv'`.",
  },
  'partition-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'dataset "{dataset}" has no partition "{partition}"',
    remedy:
      '`millrace status {dataset}` lists its partitions; `millrace run {dataset}` builds what is missing.',
  },
  'code-moved': {
    kind: 'definition',
    status: 409,
    retryable: false,
    text: 'the code of "{dataset}" is no longer the one that run {run} was planned with',
    remedy: 'Start the run again: it plans with the code as it is now.',
  },
  'task-interrupted': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the attempt at "{dataset}" {partition} was stopped before it ended',
    remedy: 'Run it again: nothing that was published has changed.',
  },

  // asking
  'usage-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{message}',
    remedy: 'See `millrace --help`; `millrace help <command>` explains one.',
  },
  'input-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{path}: {message}',
    remedy: 'Correct the named field and send the request again.',
  },
  'dataset-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no dataset is named "{dataset}"',
    remedy: 'The datasets are: {known}.',
  },
  'partition-key-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{key}" is not a partition key of grain {grain}',
    remedy: 'Write it like {example}; a range is written FROM..TO.',
  },
  'partition-range-too-long': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the range "{range}" names more than {most} partitions of grain {grain}',
    remedy: 'Name a shorter range; without one, every partition is meant.',
  },
  'tenant-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no tenant is named "{tenant}"',
    remedy:
      'Choose one with --tenant or MILLRACE_TENANT; `millrace status` lists those that you may see.',
  },

  // dimensions of partitions
  'partition-selection-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{text}" names no partition of a dataset that is cut by {cut}: {problem}',
    remedy:
      'Write it like {example}; parts that are left out mean all of them. Characters that a name cannot hold are written %XX.',
  },

  // doors: settings, server, command line
  'settings-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'settings that cannot be used: {problems}',
    remedy: 'Correct or unset these variables; `millrace config` lists every setting.',
  },
  unauthenticated: {
    kind: 'user',
    status: 401,
    retryable: false,
    text: 'this address needs an API key, and the request brought none that is valid',
    remedy:
      'Send `Authorization: Bearer <key>`, or the key as the password of basic authentication; `millrace keys create` makes one.',
  },
  'text-unstorable': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'a text of this request holds a character that cannot be stored: NUL, or half of a surrogate pair',
    remedy: 'Send the text without it; payloads that are bytes go as base64.',
  },
  'grant-beyond': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{caller} cannot grant the permission "{permission}", for lack of it',
    remedy: 'Ask somebody who has it; owners have all of a tenant.',
  },
  'person-needed': {
    kind: 'user',
    status: 401,
    retryable: false,
    text: '{operation} is for people who have signed in, not for keys',
    remedy: 'Sign in in the browser; `POST /v1/sessions` begins a session.',
  },
  'tenant-needed': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{operation} belongs to a tenant, and you are a member of none',
    remedy: 'Ask an admin of the tenant to invite you.',
  },
  'access-limited': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{operation} shows more than {caller} may see: its access is limited',
    remedy: 'Use a key or a role whose access has no limits to endpoints, columns or rows.',
  },
  'origin-foreign': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'a page of {origin} may not change anything here with your session',
    remedy:
      'Work on the pages of this server, or use a key. Behind a proxy: set MILLRACE_PUBLIC_URL.',
  },
  forbidden: {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{operation} needs the permission "{permission}", which {caller} does not have',
    remedy:
      'Use a key with that permission; `millrace keys create --permissions {permission}` makes one.',
  },
  'route-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'nothing is served at {method} {path}',
    remedy: 'The addresses are listed in docs/reference/rest.md and on the page at /.',
  },
  'method-not-allowed': {
    kind: 'user',
    status: 405,
    retryable: false,
    text: '{path} does not answer {method}',
    remedy: 'Use {allowed}.',
  },
  'json-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the body is not JSON that can be read: {message}',
    remedy: 'Send one JSON object in UTF-8, nested at most {depthMax} deep, without repeated keys.',
  },
  'request-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the request cannot be read: {message}',
    remedy: 'Correct the request and send it again.',
  },
  'body-too-large': {
    kind: 'user',
    status: 413,
    retryable: false,
    text: 'the body is larger than {maxBytes} bytes',
    remedy: 'Send less in one request.',
  },
  'media-type-unsupported': {
    kind: 'user',
    status: 415,
    retryable: false,
    text: 'a body of type "{type}" is not understood here',
    remedy: 'Send `Content-Type: application/json`.',
  },
  'format-unavailable': {
    kind: 'user',
    status: 406,
    retryable: false,
    text: 'rows are not served as "{type}"',
    remedy:
      'Ask for application/json, text/csv, application/x-ndjson or application/vnd.apache.parquet.',
  },
  'rows-too-many': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{dataset} has {rows} rows in these partitions, and one request answers at most {max}',
    remedy:
      'Name fewer partitions, add `limit`, or fetch all of them with `millrace show {dataset} --format {format} --out {dataset}.{format}`.',
  },
  'rows-unpublished': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: '{dataset} has nothing published for {partitions}',
    remedy:
      '`millrace status {dataset}` says what is there and why; `millrace run {dataset}` computes it.',
  },
  'task-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no task has the number {task}',
    remedy: '`millrace runs tasks last` shows the tasks of the newest run.',
  },
  'key-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'this tenant has no key {key}',
    remedy: '`millrace keys list` shows the keys.',
  },
  'source-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: '"{dataset}" is not a source that has a place of its own',
    remedy: 'The sources are: {known}.',
  },
  'run-name-ambiguous': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: '"{run}" fits several runs: {candidates}',
    remedy: 'Write more of the id.',
  },
  'server-unreachable': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the server at {url} does not answer: {message}',
    remedy: 'Start it with `millrace serve`, or correct MILLRACE_URL.',
  },
  'answer-unreadable': {
    kind: 'operational',
    status: 502,
    retryable: false,
    text: '{url} answered {status} with something that is not an answer of Millrace',
    remedy:
      'Check that MILLRACE_URL is the address of a Millrace server, and what stands in front of it.',
  },
  'answer-incomplete': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: 'the answer broke off before its end: {message}',
    remedy: 'Try again; nothing that is incomplete was kept.',
  },
  'server-stopping': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'this server is stopping and takes no new requests',
    remedy: 'Try again in a moment.',
  },
  'port-busy': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'port {port} on {host} is in use by another program',
    remedy: 'Choose another with --port or MILLRACE_PORT; --port 0 takes any free one.',
  },
  'listen-denied': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'listening on {host}:{port} is not possible: {message}',
    remedy: 'Correct MILLRACE_HOST and MILLRACE_PORT.',
  },
  'output-unwritable': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'writing {path}: {message}',
    remedy: 'Choose another place with --out.',
  },

  // connectors
  'location-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the location "{location}" {problem}',
    remedy: '{hint}',
  },
  'connector-unknown': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'no connector serves "{scheme}:", as in the location "{location}"',
    remedy: 'Use one of: {known}.',
  },
  'object-missing': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: '{location} does not exist',
    remedy: 'Check the address letter by letter; upper and lower case differ.',
  },
  'bucket-missing': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no bucket "{bucket}" at {endpoint}',
    remedy: "Check the bucket's name and, for a server that is not Amazon's, the endpoint.",
  },
  'source-denied': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{location} may not be read: {reason}',
    remedy: '{hint}',
  },
  'source-credentials-missing': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'there are no credentials for {location}',
    remedy:
      "Add --anonymous when it is public; else give accessKeyId and secretAccessKey, or allow this machine's own AWS credentials with awsEnvironment.",
  },
  'source-region-wrong': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the bucket "{bucket}" is in {region}, not in {given}',
    remedy: 'Set the region: --region {region}.',
  },
  'source-unreachable': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: '{location} could not be read: {reason} (tries: {tries})',
    remedy: 'Check the network and the server that holds it; a retry reads it from the start.',
  },
  'source-damaged': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: '{location} arrived damaged: {problem}',
    remedy: '{hint}',
  },
  'source-changing': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: '{location} was being written while it was read',
    remedy: 'Wait until its writer is done; a retry reads it from the start.',
  },
  'disk-full': {
    kind: 'operational',
    status: 507,
    retryable: true,
    text: 'there is no space left for {path}',
    remedy: 'Free some space on that disk, or move MILLRACE_HOME to a larger one.',
  },

  // egress
  'egress-denied': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{host} port {port} leads to {address} ({kind}), where outgoing calls do not go',
    remedy:
      "Use an address on the public internet. If calls there are meant, the operator adds {host}:{port} or {address} to this server's allow-list of outgoing calls.",
  },
  'egress-url-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the address "{url}" {problem}',
    remedy: 'Write it like https://example.com/path, without a user name or password in it.',
  },
  'egress-unreachable': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: '{origin} does not answer: {reason}',
    remedy: 'Check that the address is right and its server runs; then try again.',
  },
  'egress-redirected': {
    kind: 'operational',
    status: 502,
    retryable: false,
    text: '{origin} sends on to {target}, and {problem}',
    remedy: 'Give the address that it leads to in the end.',
  },
  'egress-too-large': {
    kind: 'operational',
    status: 502,
    retryable: false,
    text: 'the answer of {origin} is larger than {maxBytes} bytes',
    remedy: 'Ask that server for less at once.',
  },
  'egress-timeout': {
    kind: 'operational',
    status: 504,
    retryable: true,
    text: '{origin} did not answer completely within {timeoutMs} ms',
    remedy: 'Try again later, or see why its server is slow.',
  },

  // lake
  'lake-full': {
    kind: 'operational',
    status: 507,
    retryable: true,
    text: 'there is no space left in the lake for {path}',
    remedy:
      'Free some space on that disk, or move MILLRACE_LAKE to a larger one; nothing that is published is affected.',
  },
  'lake-denied': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the lake may not be used at {path}: {reason}',
    remedy: '{hint}',
  },
  'lake-unreachable': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the lake does not answer at {path}: {reason} (tries: {tries})',
    remedy:
      'Check the S3 server, its endpoint and the network; work goes on by itself when it is back.',
  },
  'lake-place-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{place}" is no place for a lake: {problem}',
    remedy: 'Set MILLRACE_LAKE to a folder, or to s3://bucket/prefix.',
  },
  'file-missing': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the published file {path} is gone from the lake',
    remedy: 'Rerun the partitions that it held, or restore the lake from a backup.',
  },
  'file-damaged': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the file {path} is not what was written: expected {expected}, found {found}',
    remedy: 'Rerun the partitions that it held, or restore the file from a backup.',
  },

  // cells
  'cell-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no cell is named "{cell}"',
    remedy: '`millrace cells list` shows them; `millrace cells create` makes one.',
  },
  'cell-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is a cell named "{cell}" already',
    remedy: 'Take another name; `millrace cells check {cell}` tries the one that is there.',
  },
  'cell-unusable': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'cell "{cell}" cannot be used: {problem}',
    remedy: 'Give it an empty database and a place for its lake that nothing else uses.',
  },
  'cell-unreachable': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the database or the lake that holds the data of this tenant cannot be reached',
    remedy:
      'Try again in a moment: nothing is lost. Whoever runs the deployment sees why with `millrace cells check`.',
  },
  'catalog-is-cell': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'the database is that of cell "{cell}", which belongs to another catalog',
    remedy:
      'Let DATABASE_URL name the catalog that knows the cell; MILLRACE_CELL={cell} makes a process work for the cell alone.',
  },
  'tenant-has-data': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" has data already, which would be left behind',
    remedy: 'Export it, and restore it under another name that is put into the cell at once.',
  },
  'tenant-in-cell': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'the data of tenant "{tenant}" lie in a cell',
    remedy: 'Ask for this tenant alone: `--tenant {tenant}`.',
  },

  // catalog
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
  // the queue
  'workers-lost': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: '{dataset} {partition} was begun {losses} times by workers that stopped answering, last by {worker}',
    remedy:
      'It may take its worker down: see `millrace logs` for what it did last, and whether the machine ran out of memory.',
  },
  'task-of-run': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'task {task} belongs to run {run}, and ends with it',
    remedy: 'Cancel the run: `millrace runs cancel {run}`.',
  },
  'limit-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{message}',
    remedy: 'For example: `millrace limits set --dataset events --running 2 --rate 10/1m`.',
  },
  'limit-of-operator': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'the limit of {subject} was set by an operator',
    remedy: 'Ask whoever runs this deployment to change it.',
  },
  'pause-of-operator': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{subject} was paused by an operator: {reason}',
    remedy: 'Ask whoever runs this deployment to resume it.',
  },

  'lease-lost': {
    kind: 'operational',
    status: 409,
    retryable: false,
    text: 'the lease of {tasks} has passed to another worker or ended; nothing of this attempt was published',
    remedy: 'Nothing is to be done: the other attempt counts.',
  },

  // background tasks
  'background-task-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no background task "{task}"',
    remedy: '`millrace tasks list` shows the newest ones with their names.',
  },
  'idempotency-reused': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the idempotency key "{key}" of task {position} belongs to another request already',
    remedy: 'Send the request as it was the first time, or choose another key for the other task.',
  },
  'task-payload-too-large': {
    kind: 'user',
    status: 413,
    retryable: false,
    text: 'the {part} of {task} has {bytes} bytes; {maxBytes} are allowed',
    remedy: 'Store the data elsewhere, and hand on where it lies.',
  },
  'task-not-ended-badly': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'task {task} is {state}: only tasks that failed can be {verb}',
    remedy: 'Wait for its end, or post it anew.',
  },
  'task-handler-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no address is registered for tasks "{name}"',
    remedy:
      '`millrace handlers list` shows the names that have one; `millrace handlers set` adds one.',
  },
  'task-handler-in-pack': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tasks "{name}" are carried out by pack "{pack}"',
    remedy: 'Register the address under another name.',
  },
  'task-code-missing': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the deployed packs have no function for tasks "{name}"',
    remedy: 'Deploy a pack that has it, or cancel the tasks: `millrace tasks list --name {name}`.',
  },
  'task-function-failed': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: 'task "{name}": {message}',
    remedy:
      'It is tried again while there are attempts left; correct {file} if it fails each time.',
  },
  'task-refused': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'task "{name}" was refused for good: {message}',
    remedy: 'Correct its payload and post it anew.',
  },
  'task-child-ended': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the process that carried out task "{name}" ended by itself ({ending})',
    remedy: 'It is tried again in a new process while there are attempts left.',
  },
  'task-memory': {
    kind: 'operational',
    status: 507,
    retryable: true,
    text: 'task "{name}" needed more memory than its {limitMb} MB',
    remedy: 'Cut the work into smaller tasks, or give a slot more memory.',
  },
  'task-cancelled': {
    kind: 'operational',
    status: 409,
    retryable: false,
    text: 'task "{name}" was cancelled',
    remedy: 'Retry it, or post it anew, if it shall run after all.',
  },
  'task-call-failed': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: '{origin} answered task "{name}" with {status}: {answer}',
    remedy: 'It is called again while there are attempts left; see the log of that service.',
  },
  'task-call-refused': {
    kind: 'operational',
    status: 502,
    retryable: false,
    text: '{origin} refused task "{name}" with {status}: {answer}',
    remedy: 'Correct what it complains about, then `millrace tasks retry`.',
  },
  'task-call-answer': {
    kind: 'operational',
    status: 502,
    retryable: false,
    text: '{origin} answered task "{name}" with what is no JSON: {message}',
    remedy: 'Let it answer 2xx with JSON or with an empty body, then `millrace tasks retry`.',
  },
  'task-worker-failed': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: 'the worker of task "{name}" gave up: {message}',
    remedy: 'It is tried again while there are attempts left; see the log of that worker.',
  },

  // engine
  'engine-crashed': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the process that computed {subject} ended by itself ({ending})',
    remedy:
      'It is tried again in a new process. If it ends so each time, the statement or the file crashes DuckDB: simplify it.',
  },
  'engine-deadline': {
    kind: 'operational',
    status: 504,
    retryable: true,
    text: '{subject} was not done after {seconds} s and was stopped',
    remedy: 'Cut the work into smaller partitions, or raise the deadline of jobs.',
  },
  'engine-memory': {
    kind: 'operational',
    status: 507,
    retryable: false,
    text: '{subject} needed more memory than its {limitMb} MB',
    remedy: 'Cut the work into smaller partitions, or give jobs more memory.',
  },
  'engine-cancelled': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: '{subject} was cancelled',
    remedy: 'Run it again; nothing of it was published.',
  },
  'engine-closed': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the engine is shutting down and takes no new work ({subject})',
    remedy: 'Run it again after the restart.',
  },
  'engine-disk': {
    kind: 'operational',
    status: 507,
    retryable: true,
    text: '{subject} found no room on the disk: {message}',
    remedy: 'Free space in the folder of Millrace, then run it again.',
  },
  'analysis-failed': {
    kind: 'definition',
    status: 422,
    retryable: false,
    text: '{subject}: {message}',
    remedy: 'Correct the definition of {dataset}, then run it again.',
  },
  'result-column-unusable': {
    kind: 'definition',
    status: 422,
    retryable: false,
    text: 'column "{column}" of {dataset} has the type {type}, which a dataset cannot hold',
    remedy: 'Cast it in the SELECT, for instance to VARCHAR, BIGINT, DOUBLE or TIMESTAMP.',
  },
  'shard-column-missing': {
    kind: 'definition',
    status: 422,
    retryable: false,
    text: '{dataset} is cut into shards by "{column}", a column that none of its inputs ({inputs}) has',
    remedy:
      'Name a column of an input whose rows the shards are to share out: shards 16 by <column>.',
  },
  'input-damaged': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: '{subject} could not read a published file: {message}',
    remedy: 'Run `millrace doctor`; a damaged file is rebuilt from its inputs.',
  },

  // files of sources
  'source-empty': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} is empty: it has not even a header line',
    remedy: 'Put the complete file in its place; what is published stays as it is.',
  },
  'source-encoding': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} is not UTF-8 text: {message}',
    remedy: 'Save it as UTF-8 CSV; what is published stays as it is.',
  },
  'source-header': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the header of {location} does not fit {dataset}: {message}',
    remedy:
      'Correct the first line of the file, or the columns of the source; what is published stays as it is.',
  },
  'source-compression': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} cannot be decompressed: {message}',
    remedy: 'Put the complete gzip file in its place; what is published stays as it is.',
  },
  'source-row-bad': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} line {line} is not usable ({reason}), and every row of reference table {dataset} must be',
    remedy: 'Correct that line.',
  },

  // plans, backfills, triggers
  'plan-moved': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'since the plan was made, {moved}',
    remedy:
      'Look at it again with `millrace plan`: it shows what would run now, with a token of its own.',
  },
  'plan-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no plan "{plan}" (any more: plans are kept for a day)',
    remedy: 'Make it again with `millrace plan`, which prints its token.',
  },
  'plan-differs': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'plan "{plan}" was made for another region than this one',
    remedy: 'Leave datasets, partitions and states out: a plan brings its own.',
  },
  'region-unclear': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{message}',
    remedy: 'Say which part to run in one way: by datasets and partitions, by a task, or by a run.',
  },
  'run-has-none': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'run {run} has no task that {what}',
    remedy: '`millrace runs {run}` shows how its tasks ended.',
  },
  'zone-unknown': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'there is no time zone "{zone}"',
    remedy: 'Name it as the IANA database does: `Europe/Berlin`, `America/New_York`, `UTC`.',
  },
  'cron-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{expression}" is no cron expression: {problem}',
    remedy:
      'Write minute, hour, day of the month, month, day of the week: `15 6 * * 1-5`; seconds may come first.',
  },
  'trigger-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{field} "{value}" cannot be used: {problem}',
    remedy: '{wayOut}',
  },
  'trigger-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no {kind} "{name}"',
    remedy: '`millrace {kind}s list` names those that there are.',
  },
  'trigger-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is a {kind} "{name}" already',
    remedy: 'Delete it first, or choose another name.',
  },
  'look-failed': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'the look of sensor {trigger} ended with: {message}',
    remedy: '`millrace sensors show` says when it looks again.',
  },
  'backfill-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no backfill "{backfill}"',
    remedy: '`millrace backfills list` names those that there are.',
  },
  'backfill-ended': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'backfill {backfill} is {state}, so it cannot be {verb}',
    remedy: '`millrace backfills show {backfill}` says how it came out.',
  },
  'backfill-open': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'backfill {backfill} is not over: {open} of its runs still work or wait',
    remedy: 'Cancel it first (`millrace backfills cancel {backfill}`), or wait for its end.',
  },
  'code-not-served': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'no partition of "{dataset}" was built with other code than that of today{detail}',
    remedy: '`millrace status {dataset}` shows what is stale, and why.',
  },
  'code-ambiguous': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'partitions of "{dataset}" were built with several former codes: {candidates}',
    remedy: 'Say which one differs harmlessly from the one of today with --from.',
  },
  'acceptance-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no change of the code of "{dataset}" was accepted{detail}',
    remedy: '`millrace status {dataset}` shows what was accepted.',
  },

  // definitions
  'pack-missing': {
    kind: 'definition',
    status: 404,
    retryable: false,
    text: 'there is no pack in {folder}: {message}',
    remedy:
      'A pack is a folder with a pack.ts whose default export is definePack({ name, description }).',
  },
  'definition-invalid': {
    kind: 'definition',
    status: 422,
    retryable: false,
    text: '{at}: {message}',
    remedy: '{wayOut}',
  },

  // chaos
  'chaos-needs-shared': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '`millrace chaos` hits a deployment of several processes, and {missing} is not set',
    remedy:
      'Set DATABASE_URL to an empty database and MILLRACE_LAKE to an empty folder or s3://bucket/prefix.',
  },
  'chaos-refused': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'this deployment is in use: {found}',
    remedy:
      'Give DATABASE_URL and MILLRACE_LAKE of a scratch deployment. --force hits this one: its processes lose their connections.',
  },

  // deployment
  'packs-clash': {
    kind: 'definition',
    status: 422,
    retryable: false,
    text: 'packs "{owner}" and "{pack}" both have a {what} named "{name}"',
    remedy: 'Rename one of the two, or deploy one of the packs only.',
  },
  'bundle-invalid': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'this is no bundle of packs: {problem}',
    remedy: 'Deploy with `millrace deploy` of the version that the server has.',
  },
  'code-unreadable': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the deployed code {hash} cannot be loaded from the lake: {message}',
    remedy:
      'Deploy the packs again (`millrace deploy`), then start the runs that were planned with it again.',
  },
  'deployment-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no deployment {deployment}',
    remedy: '`millrace deployments list` shows what was deployed.',
  },
  'parts-need-shared': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the parts {parts} cannot run alone: without DATABASE_URL the catalog belongs to one process',
    remedy:
      'Set DATABASE_URL, and MILLRACE_LAKE to a place that every part reaches; or leave --parts out.',
  },
  'operator-key-unusable': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: "the operators' key in {file} cannot be used: {problem}",
    remedy:
      'Make one that only its owner can read: `(umask 077; openssl rand -hex 32 > {file})`; or unset MILLRACE_OPERATOR_KEY_FILE.',
  },

  // secrets
  'secret-key-none': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'this deployment has no key to encrypt secrets with, so it keeps none',
    remedy:
      'Whoever runs it makes one, `(umask 077; openssl rand -base64 32 > secret.key)`, and starts every process with MILLRACE_SECRET_KEY_FILE=secret.key.',
  },
  'secret-key-unusable': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the keys of secrets in {file} cannot be used: {problem}',
    remedy:
      'Each line is a key of its own, the first one current. To make one that only its owner can read: `(umask 077; openssl rand -base64 32 > {file})`.',
  },
  'secret-key-missing': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the secret {place} was encrypted with the key {key}, which this process does not have',
    remedy:
      'Put the line of that key back into the file of MILLRACE_SECRET_KEY_FILE; where it is lost, set the secret again.',
  },
  'source-option-of-operator': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'option {option} of source "{source}" is set by whoever runs this deployment: {reason}',
    remedy: 'Ask an operator to set it, or name a bucket and credentials of your own.',
  },
  'secret-damaged': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the secret {place} does not open: it was changed, or is a copy of one from elsewhere',
    remedy: 'Set the secret again.',
  },

  // mail
  'mail-address-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{address}" is no address that mail can be sent to',
    remedy: 'Give one address, without a name: someone@example.com.',
  },
  'mail-off': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'this deployment sends no mail: no server for it is set',
    remedy:
      'Whoever runs it sets MILLRACE_SMTP_URL and starts it again; until then, hand links over yourself.',
  },
  'mail-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no mail {mail}',
    remedy: '`millrace mail list` shows the newest; what has ended is removed after 30 days.',
  },
  'mail-not-failed': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'mail {mail} is {state}, so there is nothing to try again',
    remedy:
      'Only mail that failed or bounced is tried again; `millrace mail list` shows the states.',
  },

  // subjects
  'subject-kind-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no dataset names subjects of the kind "{kind}"',
    remedy: 'Known kinds: {known}. A column is told to name one by `subject: true` in its pack.',
  },
  'subject-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'nothing is published about this {kind}',
    remedy: '`millrace subjects list {kind}` lists those that something is published about.',
  },
  'subject-erased': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'this {kind} was erased: nothing about it is collected, and that stays so',
    remedy: 'Bring new data in under another name, if there is consent to it.',
  },
  'subjects-changed': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'a subject was erased, or its collection changed, while this was being read',
    remedy: 'Nothing is to be done: it is read again.',
  },
  'erasure-waits': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: 'run {run} did not compute {partitions} partitions anew that still come from erased rows, such as {first}',
    remedy: 'See why with `millrace status`, and correct it; the erasure goes on by itself.',
  },
  'erasure-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no erasure "{erasure}"',
    remedy: '`millrace erasures list` lists them.',
  },

  // keys, limited access, rates and quotas
  'key-ended': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'key {key} was revoked or has expired, so it gets no other secret',
    remedy: 'Make a new one: `millrace keys create --name <what for>`.',
  },
  'access-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{path}: {message}',
    remedy:
      '`millrace datasets list` shows the datasets; docs/guides/keys.md shows limits of all kinds.',
  },
  'access-beyond': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{caller} cannot let others see more of "{dataset}" than is shown to it',
    remedy:
      'Name only what you see yourself: your own datasets, columns and every filter on your rows.',
  },
  'columns-hidden': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'none of the columns of "{dataset}" that you may see is published',
    remedy: 'Ask an admin of the tenant for a key or role that sees its columns.',
  },
  'rate-limited': {
    kind: 'user',
    status: 429,
    retryable: true,
    text: 'too many requests: {whose} may send {perMinute} a minute, {burst} of them at once',
    remedy:
      'Send the next one in {retryAfterSeconds} s; the header RateLimit tells how many are left.',
  },
  'quota-exceeded': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'this tenant may have {most} {unit}, and has used {used}',
    remedy:
      '`millrace usage show` shows all of it. Days end at midnight UTC; whoever runs this deployment can raise a quota.',
  },

  // tenants: settings and standing
  'tenant-suspended': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'tenant "{tenant}" is suspended: {reason}',
    remedy: 'Ask the operators of this installation; nothing of the tenant is lost meanwhile.',
  },
  'tenant-deleting': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" is about to be deleted',
    remedy: 'Take the deletion back first, as long as its days of grace last.',
  },
  'tenant-request-differs': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the idempotency key "{key}" made tenant "{tenant}" with another request',
    remedy: 'Send the request as it was the first time, or choose another slug and key.',
  },
  'pack-unknown': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'no pack "{pack}" is deployed',
    remedy: 'Name one of {known}; `millrace deploy` brings others.',
  },

  // archives of tenants
  'archive-damaged': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the archive cannot be used: {entry} {problem}',
    remedy:
      'Export the tenant again, or take another copy of the file; `millrace tenants verify-archive` checks one.',
  },
  'archive-refused': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the catalog does not take a row of {entry}: {problem}',
    remedy:
      'Nothing of the tenant was brought back. Export it again with the same version of Millrace as this one.',
  },
  'archive-foreign': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the archive has the format {found}, this version of Millrace reads {known}',
    remedy: 'Restore it with the version of Millrace that made it, or a later one.',
  },
  'archive-unreadable': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the archive {path} cannot be read: {message}',
    remedy: 'Give a file that the process which restores it can read.',
  },
  'archive-in-cell': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" has its data in cell "{cell}": it cannot be exported or deleted as a whole yet',
    remedy: "Back up the cell's database and lake; its datasets can be exported one by one.",
  },
  'archive-taken-over': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: 'another process has taken over the work on tenant "{tenant}"',
    remedy: 'Nothing to do: that process brings it to its end.',
  },
  'restore-under-way': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: 'tenant "{tenant}" is being restored at this moment',
    remedy:
      'Wait for its end; where the process that did it has died, it can be begun again a minute later.',
  },
  'tenant-gone': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'a tenant "{tenant}" was deleted here, and its name is not given again',
    remedy: 'Restore it under another name: `millrace tenants restore FILE --slug NAME`.',
  },
  'deletion-unfinished': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'rows of tenant "{tenant}" keep coming while it is being removed: {tables}',
    remedy: 'Stop what still works for it; removing is tried again every minute.',
  },
  'deletion-under-way': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" is being removed, which cannot be taken back',
    remedy:
      '`millrace tenants deletions` shows how far it is; a restore from an archive brings it back under another name.',
  },
  'tenant-of-operators': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" is the one that operators come in through: it is not deleted',
    remedy: 'Work for customers in tenants of their own; `millrace tenants create NAME` makes one.',
  },
  'deletion-unknown': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'no deletion of tenant "{tenant}" waits',
    remedy: '`millrace tenants deletions` shows what was asked for, and what is done.',
  },
  'confirmation-wrong': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the confirmation is not the name of the tenant that is to be deleted',
    remedy: 'Give the name of the tenant once more, exactly as it is: `--confirm NAME`.',
  },
  'task-not-restored': {
    kind: 'operational',
    status: 409,
    retryable: false,
    text: 'the task on "{dataset}" was {state} when the archive of its tenant was made, and did not come back',
    remedy: 'Run what is missing: `millrace run`.',
  },

  // people
  'sign-in-refused': {
    kind: 'user',
    status: 401,
    retryable: false,
    text: 'the e-mail address or the password is not right',
    remedy: 'Try again, or ask for a link to choose a new password.',
  },
  'code-needed': {
    kind: 'user',
    status: 401,
    retryable: false,
    text: 'this account asks for a one-time code, too',
    remedy: 'Send `code`: the six digits of your authenticator, or a recovery code.',
  },
  'code-wrong': {
    kind: 'user',
    status: 401,
    retryable: false,
    text: 'the one-time code is not right, or it was used before',
    remedy: 'Wait for the next one, or use a recovery code; check the clock of the authenticator.',
  },
  'sign-in-throttled': {
    kind: 'user',
    status: 429,
    retryable: true,
    text: 'too many tries: the next one is heard in {retryAfterSeconds} s',
    remedy: 'Wait, or ask for a link to choose a new password.',
  },
  'sign-in-busy': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'too many people sign in at this moment',
    remedy: 'Try again in a few seconds.',
  },
  'password-weak': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'this password {problem}',
    remedy: 'Take another: three or four words that have nothing to do with each other are good.',
  },
  'password-none': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'this account has no password',
    remedy: 'Ask for a link to choose one: `POST /v1/passwords/forgot`.',
  },
  'email-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{email}" is no e-mail address',
    remedy: 'Write it like anna@example.com.',
  },
  'account-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is an account for {email} already',
    remedy: 'Sign in with it, or take another address.',
  },
  'account-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no account for "{email}"',
    remedy: 'Check the address; people come in by an invitation.',
  },
  'link-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'this link is not valid: it was used, has expired, or a newer one has replaced it',
    remedy:
      'Ask for a new one: on the page where you sign in, or, for setting up, with `millrace setup-link`.',
  },
  'session-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'you have no session "{session}"',
    remedy: '`GET /v1/sessions` lists those that can be ended.',
  },
  'totp-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'your account asks for one-time codes already',
    remedy: 'To use another authenticator, remove this one first.',
  },
  'totp-none': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is no authenticator of your account that waits for this',
    remedy: 'Begin anew: `POST /v1/account/totp`.',
  },

  // members, roles, invitations, single sign-on
  'member-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no member "{member}"',
    remedy: '`millrace members list` shows their ids.',
  },
  'member-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: '{email} is a member already',
    remedy: 'Change the role instead: `millrace members set-role`.',
  },
  'member-beyond': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{caller} cannot change a member with the role "{role}": it allows "{permission}", which {caller} is not allowed',
    remedy: 'Somebody who is allowed that can do it: an owner of the tenant.',
  },
  'last-owner': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'the tenant would be left without an owner who can sign in',
    remedy: 'Make somebody else an owner first: `millrace members set-role <id> owner`.',
  },
  'role-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no role "{role}"',
    remedy:
      'Every tenant has viewer, analyst, admin and owner; `millrace roles list` shows its others.',
  },
  'role-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is a role "{role}" already',
    remedy: 'Take another name, or change that one: `millrace roles set`.',
  },
  'role-in-use': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'the role "{role}" is in use: members {members}, open invitations {invitations}, sign-on providers {providers}',
    remedy: 'Give them another role first.',
  },
  'operator-last': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: '{email} is the only operator who can sign in',
    remedy: 'Make somebody else an operator first: `millrace operators add`.',
  },
  'invitation-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no open invitation "{invitation}"',
    remedy: '`millrace invitations list` shows those that are open.',
  },
  'invitation-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: '{email} is invited already',
    remedy: 'Send that invitation again, or withdraw it first.',
  },
  'invitation-over': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'this invitation is not valid: it was used, withdrawn or sent again, or it has expired',
    remedy: 'Ask whoever invited you for a new one.',
  },
  'invitation-of-another': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'this invitation is for another address than {email}',
    remedy: 'Sign out, and open the link again.',
  },
  'sign-on-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no sign-on provider "{provider}"',
    remedy: 'Ask an administrator of your tenant for the link to sign in.',
  },
  'sign-on-needed': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '"{tenant}" lets its members in by its own single sign-on only',
    remedy: 'Sign in by the link of its provider; an administrator of the tenant has it.',
  },
  'sign-on-lost': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'this answer belongs to no sign-in that was begun in this browser within the last {minutes} minutes',
    remedy: 'Begin to sign in once more.',
  },
  'sign-on-unready': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: 'the sign-on provider cannot be asked at this moment',
    remedy:
      'Try again in a minute. An owner of the tenant learns the reason by `millrace identity-providers set`.',
  },
  'sign-on-declined': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'the provider did not sign you in: {reason}',
    remedy: 'Begin to sign in once more, or ask an administrator of your tenant.',
  },
  'sign-on-doubted': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'the answer of the sign-on provider is not to be trusted: {problem}',
    remedy: 'Begin to sign in once more; if it stays so, the provider has to be set up anew.',
  },
  'sign-on-address': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'the provider gives no e-mail address that it has verified and that is of {domains}',
    remedy: 'Ask an administrator of your tenant.',
  },
  'sign-on-stranger': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{email} is nobody who may come in',
    remedy: 'Ask an administrator of your tenant for an invitation.',
  },
  'browser-needed': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{operation} is for browsers',
    remedy: 'Open the address in one.',
  },
  'sign-on-none': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is no sign-on provider by which members could come in',
    remedy: 'Add one first: `millrace identity-providers create`.',
  },
  'issuer-unusable': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the issuer {issuer} cannot be used: {problem}',
    remedy:
      'Give the issuer as the provider writes it; it is called at /.well-known/openid-configuration.',
  },
  'provider-too-many': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there are {most} sign-on providers already',
    remedy: 'Remove one first.',
  },
} as const satisfies Record<string, ErrorEntry>
