import { marks, paint, type Look } from '#cli/render/look.ts'
import { renderTable } from '#cli/render/table.ts'
import { counted, formatInstant } from '#cli/render/units.ts'
import type { listAuditOperation } from '#operations/audit/list.ts'
import type { verifyAuditOperation } from '#operations/audit/verify.ts'
import type { OutputOf } from '#operations/operation.ts'

/** One page of the log, newest first; hashes are for `audit verify` and `audit export`. */
export function renderAudit(
  look: Look,
  { rows, next }: OutputOf<(typeof listAuditOperation)['output']>,
): string[] {
  const columns = [
    { title: 'row', align: 'right', fixed: true },
    { title: 'when', fixed: true },
    { title: 'what', fixed: true },
    { title: 'who' },
    { title: 'with' },
  ] as const
  const lines = rows.map(({ seq, at, actor, action, detail }) => [
    String(seq),
    formatInstant(at),
    action,
    actor,
    spoken(detail),
  ])
  return [
    ...(lines.length > 0 ? renderTable(look, columns, lines) : ['  Nothing has been done yet.']),
    ...(next === null ? [] : ['', paint(look, 'faint', `  go on with --before ${next}`)]),
  ]
}

/** `{"name":"x","$fields":["a"]}` → `name x, a …`: values that may be seen, and names of others. */
function spoken(detail: string): string {
  const { $fields: others = [], ...values } = JSON.parse(detail) as Record<string, unknown>
  const shown = Object.entries(values).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return [...shown, ...(others as string[]).map((name) => `${name} …`)].join(', ')
}

export function renderAuditVerdict(
  look: Look,
  { rows, head, broken }: OutputOf<(typeof verifyAuditOperation)['output']>,
): string[] {
  return [
    broken
      ? `${paint(look, 'bad', marks.failed)} ${broken.problem}`
      : `${paint(look, 'good', marks.done)} ${counted(rows, 'row')}, each follows from those before it`,
    `  row ${head.seq}: ${head.hash}`,
  ]
}
