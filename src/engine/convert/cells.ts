import type { Column } from '#model/column.ts'
import { pythonListForm, rewritePythonList } from '#engine/convert/python-list.ts'
import {
  cellForms,
  dateForm,
  timestampForm,
  timestampToUtc,
} from '#engine/convert/timestamp-text.ts'
import type { CellForm } from '#engine/convert/timestamp-text.ts'

/**
 * What the text of a field must look like for its column. It is the authority: whatever it calls
 * plain or rewrites, DuckDB's cast reads without an error.
 */
export interface Cell {
  readonly name: string
  /** An empty field is a bad row. */
  readonly required: boolean
  /** Form of a text that is not empty; null: any text will do. */
  readonly form: ((bytes: Uint8Array, start: number, end: number) => CellForm) | null
  /** The text as DuckDB's cast reads it, for the form *rewrite*. */
  readonly rewrite: (text: string) => string
}

export function cellOf(column: Column): Cell {
  return {
    name: column.name,
    required: column.optional === false,
    form: formOf(column.type),
    rewrite: column.type === 'timestamp' ? timestampToUtc : rewritePythonList,
  }
}

function formOf(type: Column['type']): Cell['form'] {
  switch (type) {
    case 'text':
      return null
    case 'timestamp':
      return timestampForm
    case 'date':
      return dateForm
    case 'text[]':
      return pythonListForm
    case 'integer':
      return matching(isInteger)
    case 'double':
      return matching(isDouble)
    case 'boolean':
      return matching((text) => /^(true|false|t|f|1|0)$/i.test(text))
    default:
      return matching(decimalTest(type))
  }
}

function matching(test: (text: string) => boolean): Cell['form'] {
  return (bytes, start, end) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    return test(text) ? cellForms.plain : cellForms.unreadable
  }
}

function isInteger(text: string): boolean {
  if (!/^-?\d{1,30}$/.test(text)) return false
  if (text.length < 19) return true
  const value = BigInt(text)
  return BigInt.asIntN(64, value) === value
}

function isDouble(text: string): boolean {
  return /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) && Number.isFinite(Number(text))
}

/** Digits must fit as they are: a figure is never rounded while it is read. */
function decimalTest(type: string): (text: string) => boolean {
  const [, precision = '18', scale = '0'] = /^decimal\((\d+),(\d+)\)$/.exec(type) ?? []
  const wholeMax = Number(precision) - Number(scale)
  return (text) => {
    const [, whole = '', fraction = ''] = /^-?0*(\d*)(?:\.(\d*))?$/.exec(text) ?? []
    return (
      /\d/.test(text) &&
      /^-?\d*\.?\d*$/.test(text) &&
      whole.length <= wholeMax &&
      fraction.replace(/0+$/, '').length <= Number(scale)
    )
  }
}
