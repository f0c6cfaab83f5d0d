import { z } from 'zod'

import type { Invited } from '#auth/invite-member.ts'

export const invitationField = z
  .string()
  .min(1)
  .max(100)
  .meta({ names: 'invitation' })
  .describe('Id of the invitation: `inv_…` as the list shows it.')

export const invitedData = z.object({
  id: z.string(),
  email: z.string(),
  expiresAt: z.iso.datetime(),
  /** To hand on, shown now and never again; null: it has been mailed. */
  link: z.string().nullable().meta({ secret: true }),
})

export function toInvitedData({
  id,
  email,
  expiresAt,
  link,
}: Invited): z.input<typeof invitedData> {
  return { id, email, expiresAt: expiresAt.toISOString(), link }
}
