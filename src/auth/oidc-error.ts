import { ResponseBodyError } from 'openid-client'

import { MillraceError } from '#kernel/errors.ts'

const LENGTH_MAX = 200

/** Why an issuer is of no use; what the way out says of it is kept. */
export function unusable(issuer: string, problem: unknown): MillraceError {
  const own = ownAmongCauses(problem)
  if (own) return own
  const text = typeof problem === 'string' ? problem : textOf(problem)
  return new MillraceError('issuer-unusable', { issuer, problem: text }, { cause: problem })
}

/** Why the answer of a provider is not believed. */
export function doubted(error: unknown): MillraceError {
  return (
    ownAmongCauses(error) ??
    new MillraceError('sign-on-doubted', { problem: textOf(error) }, { cause: error })
  )
}

/** The library wraps what our own way out has thrown. */
function ownAmongCauses(thrown: unknown): MillraceError | null {
  let error = thrown
  for (let depth = 0; depth < 10 && error instanceof Error; depth++) {
    if (error instanceof MillraceError) return error
    error = error.cause
  }
  return null
}

function textOf(thrown: unknown): string {
  if (thrown instanceof ResponseBodyError) return shown(`it answers "${thrown.error}"`)
  const messages: string[] = []
  for (let error = thrown; error instanceof Error && messages.length < 2; error = error.cause) {
    messages.push(error.message)
  }
  return shown(messages.join(': ') || 'it cannot be read')
}

/** One line of plain characters: the text of another party. */
export function shown(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, LENGTH_MAX)
}
