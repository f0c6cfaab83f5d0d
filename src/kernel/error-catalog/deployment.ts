import type { ErrorEntry } from '#kernel/error-entry.ts'

export const deploymentErrors = {
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
} as const satisfies Record<string, ErrorEntry>
