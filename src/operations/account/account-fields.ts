import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { normalEmail } from '#model/email.ts'

/** Any text that a catalog can keep; what it says is not judged. */
export const nameField = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.isWellFormed() && !text.includes('\0') && /\S/.test(text), {
    error: 'is no text that can be kept: it is blank, or has a NUL character',
  })
  .describe('What the person is called.')

export const emailField = z.string().min(1).max(300).describe('E-mail address.')

export const newPasswordField = z
  .string()
  .max(1_000)
  .meta({ secret: true })
  .describe('The new password: 10 to 200 characters of any kind, none of the usual ones.')

export const passwordField = z
  .string()
  .max(1_000)
  .meta({ secret: true })
  .describe('The present password.')

export const codeField = z
  .string()
  .max(100)
  .meta({ secret: true })
  .describe('One-time code of the authenticator, or a recovery code.')

export const tokenField = z
  .string()
  .max(200)
  .meta({ secret: true })
  .describe('What stands behind `#token=` in the link.')

/** Throws `email-invalid`. */
export function toEmail(text: string): string {
  const email = normalEmail(text)
  if (email === null) throw new MillraceError('email-invalid', { email: text })
  return email
}
