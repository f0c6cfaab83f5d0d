import type { RepairRule } from '#model/mend.ts'

/** A field's text after a repair; null is NULL. The same text where the repair has nothing to do. */
export type RepairText = (text: string | null) => string | null

export function repairText(rule: RepairRule): RepairText {
  switch (rule.kind) {
    case 'trim':
      return (text) => text && text.trim()
    case 'empty-as-null': {
      const texts = new Set(['', ...rule.texts])
      return (text) => (text === null || texts.has(text) ? null : text)
    }
    case 'decimal-comma':
      return (text) => text && decimalPoint(text)
    case 'date-format': {
      const read = datePattern(rule.format)
      return (text) => text && read(text)
    }
    case 'default':
      return (text) => (text === null || text === '' ? rule.text : text)
    case 'map': {
      const texts = new Map(Object.entries(rule.texts))
      return (text) => {
        const other = text === null ? undefined : texts.get(text)
        return other === undefined ? text : other
      }
    }
    case 'cap-length':
      return (text) => text && capped(text, rule.length)
  }
}

/** No character is cut in two. */
function capped(text: string, length: number): string {
  let end = 0
  for (let kept = 0; kept < length && end < text.length; kept++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  }
  return text.slice(0, end)
}

/** `1.234.567,89`, `1 234,5`, `12,5`: with a comma, and dots or blanks between whole groups of three alone. */
function decimalPoint(text: string): string {
  const plain = /^([+-]?)(\d{1,3}(?:[. \u00a0\u202f]\d{3})+|\d+),(\d+)$/.exec(text.trim())
  if (!plain) return text
  const [, sign = '', whole = '', fraction = ''] = plain
  return `${sign === '-' ? '-' : ''}${whole.replace(/\D/g, '')}.${fraction}`
}

const dateParts = { YYYY: '(?<y>\\d{4})', MM: '(?<m>\\d{1,2})', DD: '(?<d>\\d{1,2})' } as const

/** False: the format does not name YYYY, MM and DD once each. */
export function isDateFormat(format: string): boolean {
  const rest = format.replace('YYYY', '').replace('MM', '').replace('DD', '')
  const isWhole = Object.keys(dateParts).every((part) => format.includes(part))
  return isWhole && /^[^\w\\]{0,10}$/.test(rest)
}

function datePattern(format: string): (text: string) => string {
  const pattern = format
    .replace(/[.*+?^${}()|[\]]/g, '\\$&')
    .replace(/YYYY|MM|DD/g, (part) => dateParts[part as keyof typeof dateParts])
  const read = new RegExp(`^${pattern}(?<rest>(?:[ T].*)?)$`)
  return (text) => {
    const { y, m = '', d = '', rest = '' } = read.exec(text)?.groups ?? {}
    if (y === undefined) return text
    return `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}${rest}`
  }
}
