import { z } from 'zod'

import type { Identity } from '#operations/operation.ts'

export const memberField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'member' })
  .describe('Id of the member: `usr_…` as the list shows it.')

export const roleField = z
  .string()
  .min(1)
  .max(60)
  .meta({ names: 'role' })
  .describe('viewer, analyst, admin, owner, or a role that the tenant has made.')

export const pageFields = (of: string) => ({
  limit: z.int().min(1).max(1_000).default(100).describe('Most that are shown.'),
  after: z.string().max(100).default('').describe(`Only those after it: \`next\` of ${of} before.`),
})

/** Whoever did it, as the audit log names them. */
export function actorOf({ name, person }: Identity): string {
  return person ? `${name} ${person.email}` : name
}
