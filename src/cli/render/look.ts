import { styleText } from 'node:util'

/** What the place of output can show. Renderers are pure: the same look and data give the same text. */
export interface Look {
  /** Cells in a line. */
  readonly width: number
  readonly color: boolean
}

export const plainLook: Look = { width: 100, color: false }

const styles = {
  good: 'green',
  notice: 'yellow',
  bad: 'red',
  info: 'blue',
  held: 'magenta',
  accent: 'cyan',
  strong: 'bold',
  faint: 'dim',
} as const

/** Colours by meaning; every meaning has a shape or a word, too. */
export type Tone = keyof typeof styles

export function paint(look: Look, tone: Tone, text: string): string {
  return look.color && text !== '' ? styleText(styles[tone], text, { validateStream: false }) : text
}

export const marks = {
  done: '✓',
  failed: '✗',
  warning: '!',
  next: '→',
  title: '▸',
} as const
