import { MillraceError } from '#kernel/errors.ts'

const passing = new Set([
  '40001', // serialization failure
  '40P01', // deadlock
])

const lost = new Set([
  '25P03', // this process stood still in the middle of the transaction
  '57P01', // the server shuts down
  '57P02', // it crashed
  '57P03', // it is starting up
  '53300', // too many connections
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

const lostTexts = [
  /^Connection terminated/,
  /^Client has encountered a connection error/,
  /timeout expired/,
  /^timeout exceeded when trying to connect/,
]

/** A text of the caller's that no database can store: a NUL, or half of a surrogate pair. */
const unstorable = new Set(['22021', '22P05'])

/** The error for whoever asked, where the driver's is his own fault; null where it is not. */
export function refusalOf(error: unknown): MillraceError | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (typeof code !== 'string' || !unstorable.has(code)) return null
  return new MillraceError('text-unstorable', {}, { cause: error })
}

/** What an error of the driver means for the transaction: run it again, connect again, or neither. */
export function faultOf(error: unknown): 'passing' | 'lost' | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
    if (passing.has(code)) return 'passing'
    if (lost.has(code) || /^08...$/.test(code)) return 'lost'
    if (cause instanceof AggregateError && cause.errors.some((one) => faultOf(one) === 'lost')) {
      return 'lost'
    }
    const { message } = cause
    if (lostTexts.some((text) => text.test(message))) return 'lost'
  }
  return null
}
