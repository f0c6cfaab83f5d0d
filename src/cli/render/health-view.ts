import type { z } from 'zod'

import { marks, paint, type Look, type Tone } from '#cli/render/look.ts'
import { harmless, padEnd, wrap } from '#cli/render/text.ts'
import type { healthCheck } from '#operations/health/check.ts'

export type HealthAnswer = z.output<(typeof healthCheck)['output']>

const states: Readonly<
  Record<HealthAnswer['state'], { readonly mark: string; readonly tone: Tone }>
> = {
  ok: { mark: marks.done, tone: 'good' },
  warning: { mark: marks.warning, tone: 'notice' },
  problem: { mark: marks.failed, tone: 'bad' },
}

/** One line a check; what is not well is followed by the way out. */
export function renderHealth(look: Look, { checks }: HealthAnswer): string[] {
  const nameWidth = Math.max(...checks.map(({ name }) => name.length))
  const indent = ' '.repeat(nameWidth + 6)
  return checks.flatMap(({ name, state, detail, remedy }) => {
    const { mark, tone } = states[state]
    const head = wrap(harmless(detail), look.width, indent)
    const label = `  ${paint(look, tone, mark)} ${paint(look, 'strong', padEnd(name, nameWidth))}  `
    return [
      label + (head[0] ?? '').slice(indent.length),
      ...head.slice(1),
      ...(remedy === null
        ? []
        : wrap(harmless(remedy), look.width, `${indent}→ `, `${indent}  `).map((line) =>
            paint(look, 'accent', line),
          )),
    ]
  })
}
