import { paint, type Look, type Tone } from '#cli/render/look.ts'

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** A bar of `width` cells, filled to `share` (0 to 1) in steps of an eighth of a cell. */
export function renderBar(look: Look, share: number, width: number, tone: Tone = 'accent'): string {
  const filled = Math.max(0, Math.min(1, share)) * width
  const whole = Math.floor(filled + 1e-9)
  const part = eighths[Math.floor((filled - whole) * 8 + 1e-9)] ?? ''
  const rest = width - whole - (part === '' ? 0 : 1)
  return paint(look, tone, '█'.repeat(whole) + part) + paint(look, 'faint', '·'.repeat(rest))
}
