import { constants } from 'node:zlib'

import type { FastifyCompressOptions } from '@fastify/compress'

/**
 * Rows only: an answer that holds a secret beside what its asker chose would tell by its length what
 * the secret is. Brotli at its default level takes a hundred times as long as gzip for streams.
 */
export const compression: FastifyCompressOptions = {
  global: false,
  globalDecompression: false,
  encodings: ['br', 'gzip'],
  threshold: 1024,
  customTypes: /^(application\/(json|x-ndjson|problem\+json)|text\/csv)/,
  brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  zlibOptions: { level: 6 },
}
