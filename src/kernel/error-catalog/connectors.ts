import type { ErrorEntry } from '#kernel/error-entry.ts'

export const connectorErrors = {
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
} as const satisfies Record<string, ErrorEntry>
