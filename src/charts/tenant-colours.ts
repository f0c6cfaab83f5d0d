/** A tenant's colour as pages use it: for links and buttons, and for what is written on it. */
export interface Tint {
  /** `#rrggbb` */
  readonly accent: string
  /** Of text on it: black or white, whichever is told better. */
  readonly onAccent: string
  /** Of the accent against the ground that it is hardest to tell from: 1 to 21. */
  readonly contrast: number
  /** It had to be made darker or lighter to be read. */
  readonly isAdjusted: boolean
}

/** WCAG 2.2, 1.4.3: text is told from its ground. */
const CONTRAST_MIN = 4.5

/** The grounds of the pages that are nearest to an accent that can be read there. */
const grounds = { light: '#eef0f4', dark: '#1b212b' } as const
const STEPS = 50

/** The colour for light and for dark pages, moved towards black or white as far as it must be. */
export function tenantColours(colour: string): { readonly light: Tint; readonly dark: Tint } {
  return { light: tint(colour, 'light'), dark: tint(colour, 'dark') }
}

function tint(colour: string, theme: keyof typeof grounds): Tint {
  const ground = grounds[theme]
  const towards = theme === 'light' ? 0 : 255
  const own = channels(colour)
  for (let step = 0; ; step++) {
    const share = step / STEPS
    const mixed = own.map((value) => Math.round(value + (towards - value) * share))
    const accent = `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`
    const contrast = contrastOf(accent, ground)
    if (contrast < CONTRAST_MIN && step < STEPS) continue
    const onAccent = ['#ffffff', '#0b1220'].toSorted(
      (a, b) => contrastOf(accent, b) - contrastOf(accent, a),
    )[0] as string
    return {
      accent,
      onAccent,
      contrast: Math.round(contrast * 10) / 10,
      isAdjusted: step > 0,
    }
  }
}

/** Ratio of relative luminances, as WCAG 2.2 defines it. */
export function contrastOf(one: string, other: string): number {
  const [light = 1, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour).map((value) => {
    const share = value / 255
    return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
}
