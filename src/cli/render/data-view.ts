import { paint, type Look } from '#cli/render/look.ts'
import { renderTable } from '#cli/render/table.ts'
import { harmless } from '#cli/render/text.ts'

/** Any plain data: lists of objects as tables, objects as named values, nested ones indented. */
export function renderData(look: Look, data: unknown, indent = 0): string[] {
  const space = ' '.repeat(indent)
  if (!isObject(data)) return [`${space}${textOf(data)}`]
  const entries = Object.entries(data)
  const nameWidth = Math.max(
    0,
    ...entries.filter(([, value]) => isPlain(value)).map(([name]) => name.length),
  )
  return entries.flatMap(([name, value]) => {
    const label = paint(look, 'strong', name.padEnd(isPlain(value) ? nameWidth : 0))
    if (isPlain(value)) return [`${space}${label}  ${textOf(value)}`]
    if (Array.isArray(value)) {
      if (value.length === 0) return [`${space}${label}  ${paint(look, 'faint', 'none')}`]
      return [`${space}${label}`, ...renderList(look, value, indent + 2)]
    }
    return [`${space}${label}`, ...renderData(look, value, indent + 2)]
  })
}

function renderList(look: Look, list: readonly unknown[], indent: number): string[] {
  if (!list.every(isObject)) return list.map((item) => `${' '.repeat(indent)}${textOf(item)}`)
  const names = [...new Set(list.flatMap((item) => Object.keys(item)))]
  const columns = names.map((name) => {
    const numeric = list.every((item) => item[name] === null || typeof item[name] === 'number')
    return { title: name, align: numeric ? 'right' : 'left' } as const
  })
  const rows = list.map((item) => names.map((name) => textOf(item[name])))
  return renderTable(look, columns, rows, indent)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '–'
  return harmless(typeof value === 'string' ? value : JSON.stringify(value))
}
