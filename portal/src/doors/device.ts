const browsers = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const

const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS', 'Mac'],
  ['Linux', 'Linux'],
] as const

export interface Device {
  readonly browser: string
  readonly system: string
  readonly isPhone: boolean
}

/** Enough to tell one's own devices apart; null for a program that is no browser. */
export function deviceOf(agent: string): Device | null {
  const first = (names: readonly (readonly [string, string])[]) =>
    names.find(([sign]) => agent.includes(sign))?.[1]
  const [browser, system] = [first(browsers), first(systems)]
  if (browser === undefined || system === undefined) return null
  return { browser, system, isPhone: ['iPhone', 'Android'].includes(system) }
}
