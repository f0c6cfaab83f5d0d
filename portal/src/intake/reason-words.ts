import { intakeTexts as texts } from '~/texts/intake.ts'

export interface ReasonParts {
  /** The column that it is about; null: the row as a whole. */
  readonly column: string | null
  readonly rule: string
}

/** `at-unreadable` is about the column `at`; `field-count` about the row. */
export function reasonParts(reason: string): ReasonParts {
  const [, column, rule] = /^(.+)-(unreadable|missing)$/s.exec(reason) ?? []
  return column !== undefined && rule !== undefined
    ? { column, rule }
    : { column: null, rule: reason }
}

/** `at: cannot be read`. */
export function reasonWords(reason: string): string {
  const { column, rule } = reasonParts(reason)
  const words = texts.rules[rule] ?? rule.replaceAll('-', ' ')
  return column === null ? words : `${column}: ${words}`
}

/** Rows that were held back by the column that is to blame, the worst first. */
export function worstColumns(
  partitions: readonly {
    readonly dataset: string
    readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
  }[],
): { readonly dataset: string; readonly column: string | null; readonly rows: number }[] {
  const found = new Map<string, { dataset: string; column: string | null; rows: number }>()
  for (const { dataset, reasons } of partitions) {
    for (const { reason, rows } of reasons) {
      const { column } = reasonParts(reason)
      const key = JSON.stringify([dataset, column])
      const one = found.get(key) ?? { dataset, column, rows: 0 }
      one.rows += rows
      found.set(key, one)
    }
  }
  return [...found.values()].toSorted((a, b) => b.rows - a.rows)
}
