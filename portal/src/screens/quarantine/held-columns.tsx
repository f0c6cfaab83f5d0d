import { TriangleAlert } from 'lucide-react'

import type { OutputOf } from '~/api/client.ts'
import type { RecordField } from '~/intake/record-fields.ts'
import { reasonWords } from '~/intake/reason-words.ts'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import type { Column } from '~/ui/data-table.tsx'
import { formatCount } from '~/ui/format.ts'

export type HeldRow = OutputOf<'quarantine.list'>['rows'][number] & {
  /** Unique among the rows. */
  readonly key: string
  /** Null: it cannot be told apart. */
  readonly fields: readonly RecordField[] | null
}

/** More columns than this are read in the drawer. */
const FIELDS_MAX = 12
const SHOWN_MAX = 200

interface Choosing {
  readonly chosen: ReadonlySet<string>
  readonly toggle: (key: string) => void
}

/** Place, reason, the fields by their names, and the record as it came. */
export function heldColumns(
  rows: readonly HeldRow[],
  choosing: Choosing | null,
): readonly Column<HeldRow>[] {
  const names = fieldNames(rows)
  return [
    ...(choosing === null ? [] : [chooser(choosing)]),
    {
      id: 'line',
      title: texts.line,
      width: 150,
      cell: ({ partition, line, file }) => (
        <span title={file}>
          <span className="text-faint">{`${partition} : `}</span>
          {formatCount(line)}
        </span>
      ),
    },
    {
      id: 'reason',
      title: texts.reason,
      width: 190,
      cell: ({ reason }) => <span title={reason}>{reasonWords(reason)}</span>,
    },
    ...names.map((name) => ({
      id: `field ${name}`,
      title: name,
      width: 140,
      cell: ({ fields }: HeldRow) => {
        const field = fields?.find((one) => one.name === name)
        return field ? <FieldCell field={field} /> : null
      },
    })),
    {
      id: 'raw',
      title: texts.raw,
      width: 'auto' as const,
      cell: ({ raw }) => (
        <span className="font-mono text-xs text-soft" dir="auto">
          {brief(raw)}
        </span>
      ),
    },
  ]
}

function chooser({ chosen, toggle }: Choosing): Column<HeldRow> {
  return {
    id: 'choose',
    title: '',
    width: 44,
    cell: ({ key, line }) => (
      <input
        type="checkbox"
        aria-label={texts.select(String(line))}
        checked={chosen.has(key)}
        onClick={(event) => event.stopPropagation()}
        onChange={() => toggle(key)}
        className="size-4 align-middle accent-(--accent)"
      />
    ),
  }
}

function FieldCell({ field: { text, isFaulty } }: { readonly field: RecordField }) {
  if (!isFaulty) return <span dir="auto">{brief(text)}</span>
  return (
    <span
      title={texts.faulty}
      className="inline-flex max-w-full items-center gap-1 rounded bg-bad-soft px-1.5 py-0.5 font-medium text-bad"
    >
      <TriangleAlert size={12} className="shrink-0" aria-label={texts.faulty} />
      <span className="truncate" dir="auto">
        {text === '' ? '∅' : brief(text)}
      </span>
    </span>
  )
}

function fieldNames(rows: readonly HeldRow[]): readonly string[] {
  const names = new Set<string>()
  for (const { fields } of rows.slice(0, 50)) {
    for (const { name } of fields ?? []) if (name !== null) names.add(name)
  }
  // What is at fault is shown, however far behind it stands.
  const faulty = rows.flatMap(({ fields }) => fields?.find((one) => one.isFaulty)?.name ?? [])
  const first = new Set([...new Set(faulty), ...names].slice(0, FIELDS_MAX))
  return [...names].filter((name) => first.has(name))
}

const brief = (text: string) => (text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text)
