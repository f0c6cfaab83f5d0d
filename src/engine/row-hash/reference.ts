import { hash } from 'node:crypto'

import type { ResultColumn } from '#model/outcome.ts'
import { parseEngineType } from '#engine/row-hash/column-type.ts'
import type { EngineType } from '#engine/row-hash/column-type.ts'
import { dataVersionOf } from '#engine/row-hash/row-hash.ts'

/**
 * A value as the specification sees it: integers and decimals as their text or a bigint, instants
 * as microseconds and dates as days since 1970 (bigint), lists and structs as arrays.
 */
export type ReferenceValue = null | string | bigint | number | boolean | readonly ReferenceValue[]

/** `docs/reference/data-version.md` step by step, to hold the SQL against. */
export function referenceDataVersion(
  columns: readonly ResultColumn[],
  rows: readonly (readonly ReferenceValue[])[],
): string {
  let low = 0n
  let high = 0n
  for (const row of rows) {
    const digest = hash('md5', referenceRowText(columns, row), 'buffer')
    low += digest.readBigUInt64LE(0)
    high += digest.readBigUInt64LE(8)
  }
  return dataVersionOf(columns, { low, high, rows: rows.length })
}

export function referenceRowText(
  columns: readonly ResultColumn[],
  row: readonly ReferenceValue[],
): string {
  return columns
    .map((column, index) => {
      const type = parseEngineType(column.type)
      const text = textOf(type, row[index] ?? null)
      if (text === null) return '\x1f0'
      return type.kind === 'scalar' ? text.replaceAll('\x1f', '\x1fx') : text
    })
    .join('\x1f,')
}

function textOf(type: EngineType, value: ReferenceValue): string | null {
  if (value === null) return null
  if (type.kind === 'list') {
    return jsonArray(arrayOf(value).map((item) => textOf(type.item, item)))
  }
  if (type.kind === 'struct') {
    const values = arrayOf(value)
    return jsonArray(type.fields.map((field, index) => textOf(field.type, values[index] ?? null)))
  }
  return typeof value === 'number' ? doubleText(value) : String(value)
}

function arrayOf(value: ReferenceValue): readonly ReferenceValue[] {
  return Array.isArray(value) ? value : []
}

function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (value === 0) return '0'
  const [mantissa = '', exponent = ''] = value.toExponential(16).split('e')
  return `${mantissa}e${exponent.charAt(0)}${exponent.slice(1).padStart(2, '0')}`
}

function jsonArray(items: readonly (string | null)[]): string {
  return JSON.stringify(items).replace(/\\u00[0-9a-f]{2}/g, (escape) =>
    escape.startsWith('\\u00') ? `\\u${escape.slice(2).toUpperCase()}` : escape,
  )
}
