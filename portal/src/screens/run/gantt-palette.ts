import type { Tone } from '~/ui/status.tsx'

/** Colours of the theme that is shown, as a canvas takes them. */
export interface Palette {
  readonly ink: string
  readonly soft: string
  readonly faint: string
  readonly line: string
  readonly surface: string
  readonly sunken: string
  readonly accent: string
  readonly accentSoft: string
  readonly tones: Readonly<Record<Tone, { readonly ink: string; readonly soft: string }>>
  readonly font: string
}

/** Those of an element of the page. */
export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const take = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const tone = (name: string) => ({ ink: take(name), soft: take(`${name}-soft`) })
  return {
    ink: take('ink'),
    soft: take('soft'),
    faint: take('faint'),
    line: take('line'),
    surface: take('surface'),
    sunken: take('sunken'),
    accent: take('accent'),
    accentSoft: take('accent-soft'),
    tones: {
      good: tone('good'),
      busy: tone('busy'),
      warn: tone('warn'),
      bad: tone('bad'),
      idle: tone('idle'),
      none: { ink: take('line-strong'), soft: take('sunken') },
    },
    font: style.fontFamily,
  }
}
