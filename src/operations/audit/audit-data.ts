import { z } from 'zod'

/** A row as it was hashed: whoever has all of them can follow the chain. */
export const auditRowData = z.object({
  seq: z.int(),
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  /** JSON as text. */
  detail: z.string(),
  requestId: z.string().nullable(),
  hash: z.string(),
})
