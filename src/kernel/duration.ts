const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** `250ms`, `30s`, `10m`, `2h`, `1d` or `1h30m` in milliseconds; null for any other text. */
export function parseDuration(text: string): number | null {
  if (!/^(\d{1,12}(\.\d{1,3})?(ms|s|m|h|d))+$/.test(text)) return null
  let total = 0
  for (const [, amount = '0', , unit = 'ms'] of text.matchAll(/(\d+(\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(amount) * (UNITS[unit] ?? 1)
  }
  return Math.round(total)
}
