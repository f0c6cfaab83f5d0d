import { MillraceError } from '#kernel/errors.ts'

/** What the database says of rows that it does not take: bad values and broken rules. */
export function refusalOf(entry: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const { code, message: problem } = error
  if (!/^(2[23]...|text-unstorable)$/.test(String(code))) return error
  return new MillraceError('archive-refused', { entry, problem }, { cause: error })
}
