import { z } from 'zod'

import type { Catalog } from '#catalog/catalog.ts'
import { defineOperation } from '#operations/operation.ts'
import { eachCatalog } from '#operations/secrets/each-catalog.ts'
import { resealSecrets } from '#operations/secrets/reseal.ts'

export const rotateSecrets = defineOperation({
  name: 'secrets.rotate',
  summary: 'Encrypt every secret of every tenant with the current key, and what still lies open',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/secrets/rotate' },
  input: z.strictObject({}),
  output: z.object({
    /** The current key. */
    key: z.string().nullable(),
    /** Values that were encrypted anew; those of the current key stay as they are. */
    rotated: z.number(),
    /** Values that do not open, for their key is not there or they are damaged. */
    unreadable: z.number(),
    /** Cells that could not be reached: rotate again when they can. */
    unreachable: z.array(z.string()),
  }),
  async handler(_input, { parts, signal }) {
    const { secrets, log } = parts
    const sum = { rotated: 0, unreadable: 0 }
    const rotate = async (catalog: Catalog) => {
      const count = await resealSecrets({ catalog, secrets, log }, 'everything', signal)
      sum.rotated += count.resealed
      sum.unreadable += count.unreadable
    }
    const unreachable = await eachCatalog(parts, rotate, signal)
    return { key: secrets.currentKeyId, ...sum, unreachable }
  },
})
