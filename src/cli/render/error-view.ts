import type { ErrorData } from '#kernel/errors.ts'
import { marks, paint, type Look } from '#cli/render/look.ts'
import { harmless, wrap } from '#cli/render/text.ts'

/** What is wrong, why, and the way out. */
export function renderError(
  look: Look,
  error: Pick<ErrorData, 'message' | 'causes' | 'remedy'>,
): string[] {
  const width = Math.min(look.width, 110)
  const [head = '', ...more] = error.message.split('\n').flatMap((line) => wrapped(line, width))
  return [
    `${paint(look, 'bad', marks.failed)} ${head}`,
    ...more.map((line) => `  ${line}`),
    ...error.causes
      .filter((cause) => !error.message.includes(cause))
      .flatMap((cause) => wrapped(`because ${cause}`, width))
      .map((line) => paint(look, 'faint', `  ${line}`)),
    ...wrapped(error.remedy, width).map(
      (line, at) => `  ${at === 0 ? paint(look, 'accent', marks.next) : ' '} ${line}`,
    ),
  ]
}

function wrapped(text: string, width: number): string[] {
  return wrap(harmless(text), width - 4)
}
