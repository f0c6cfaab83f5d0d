/**
 * What a figure grows by, with its sign and in all digits: `+32`, `-0.50`. Empty: nothing changes, or
 * one of the two is no number.
 */
export function changeOf(before: string | null, after: string | null): string {
  const from = decimalOf(before ?? '0')
  const to = decimalOf(after ?? '0')
  if (from === null || to === null || before === after) return ''
  const places = Math.max(from.places, to.places)
  const scale = (one: { units: bigint; places: number }) =>
    one.units * 10n ** BigInt(places - one.places)
  const difference = scale(to) - scale(from)
  if (difference === 0n) return ''
  const digits = (difference < 0n ? -difference : difference).toString().padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const rest = places === 0 ? '' : `.${digits.slice(-places)}`
  return `${difference < 0n ? '−' : '+'}${whole}${rest}`
}

function decimalOf(text: string): { units: bigint; places: number } | null {
  const [, sign = '', whole = '', rest = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  if (whole === '') return null
  return { units: BigInt(`${sign}${whole}${rest}`), places: rest.length }
}
