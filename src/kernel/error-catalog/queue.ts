import type { ErrorEntry } from '#kernel/error-entry.ts'

export const queueErrors = {
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
} as const satisfies Record<string, ErrorEntry>
