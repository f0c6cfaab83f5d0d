import { z } from 'zod'

/** How the text of a variable becomes a value: rules that several settings share. */

export interface Setting<Value> {
  readonly variable: string
  readonly description: string
  /** What holds when the variable is unset or empty, in words for the reference page. */
  readonly defaultText: string
  /** `secret`: never printed; `url`: printed without its password. */
  readonly masked?: 'secret' | 'url'
  readonly parse: z.ZodType<Value, string | undefined>
}

export function setting<Value>(entry: Setting<Value>): Setting<Value> {
  return entry
}

export const text = z.string()
export const optionalText = text.optional().transform((value) => value ?? null)
export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'is not an address that begins with http:// or https://' })
  .transform((url) => url.replace(/\/+$/, ''))

export function whole<Fallback extends number | null>(
  least: number,
  most: number,
  fallback: Fallback,
) {
  return text.optional().transform((value, context): number | Fallback => {
    if (value === undefined) return fallback
    const number = Number(value)
    if (Number.isInteger(number) && number >= least && number <= most) return number
    const message = `is not a whole number from ${least} to ${most}`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

/** Bytes. */
export function size(least: number, fallback: number) {
  return text.optional().transform((value, context) => {
    if (value === undefined) return fallback
    const bytes = parseSize(value)
    if (bytes !== null && bytes >= least) return bytes
    const rule = `is not a size of at least ${least / 2 ** 20} MiB; write it like 512MiB or 2GB`
    context.addIssue({ code: 'custom', message: rule })
    return z.NEVER
  })
}

/** Milliseconds. */
export function duration(leastMs: number, mostMs: number, fallbackMs: number) {
  return text.optional().transform((value, context) => {
    if (value === undefined) return fallbackMs
    const ms = parseSpan(value)
    if (ms !== null && ms >= leastMs && ms <= mostMs) return ms
    const range = `${leastMs / 1000} to ${mostMs / 1000} seconds`
    context.addIssue({
      code: 'custom',
      message: `is not a time from ${range}; write it like 2s or 5m`,
    })
    return z.NEVER
  })
}

/** An IP address, or a network such as `10.0.0.0/8`. */
export function isNetwork(place: string): boolean {
  return z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]).safeParse(place).success
}

/** Entries separated by commas, without the empty ones. */
export function list() {
  return text.default('').transform((written) =>
    written
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
}

/** `512MiB`, `2GB`, `1073741824`; null when it is not a size. */
export function parseSize(written: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B?$/i.exec(written.trim())
  if (!match) return null
  const power = ['', 'K', 'M', 'G', 'T'].indexOf((match[2] ?? '').toUpperCase())
  return Math.round(Number(match[1]) * (match[3] ? 1024 : 1000) ** power)
}

const spans = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `500ms`, `30s`, `5m`, `1h` in milliseconds; null when it is not a time. */
export function parseSpan(written: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(written.trim())
  if (!match) return null
  return Math.round(Number(match[1]) * spans[match[2] as keyof typeof spans])
}
