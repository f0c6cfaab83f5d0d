import { Plus, X } from 'lucide-react'
import { useDeferredValue } from 'react'

import { accessOfDraft, ops, type AccessDraft, type DraftRow } from '~/doors/access-draft.ts'
import { SampleTable } from '~/doors/sample-table.tsx'
import { useSample } from '~/doors/sample.ts'
import type { Thing } from '~/doors/seen.tsx'
import { doors } from '~/texts/doors.ts'
import { Button, IconButton } from '~/ui/button.tsx'
import { Select, TextField } from '~/ui/field.tsx'

/** Rows of a dataset begin with the name of their partition, which is no column of it. */
const isOfDataset = (column: string) => column !== 'partition'

const whole = { endpoints: null, columns: {}, rows: {} }

/** Columns and rows of one thing, with what is seen of it then. */
export function AccessLimits({
  thing,
  draft,
  onChange,
}: {
  readonly thing: Thing
  readonly draft: AccessDraft
  readonly onChange: (draft: AccessDraft) => void
}) {
  const { name } = thing
  const all = useSample(thing, whole)
  const columns = thing.columns ?? Object.keys(all.data?.[0] ?? {}).filter(isOfDataset)
  const chosen = new Set(draft.columns[name] ?? [])
  const rows = draft.rows[name] ?? []
  const setRows = (next: readonly DraftRow[]) =>
    onChange({ ...draft, rows: { ...draft.rows, [name]: next } })
  const toggle = (column: string, isChosen: boolean) => {
    const next = columns.filter((one) => (one === column ? isChosen : chosen.has(one)))
    onChange({ ...draft, columns: { ...draft.columns, [name]: next } })
  }
  return (
    <div className="flex flex-col gap-3 border-t border-line bg-sunken/60 px-3 py-3">
      {columns.length > 0 && (
        <fieldset>
          <legend className="text-xs font-medium text-soft">
            {doors.access.columns}{' '}
            <span className="font-normal text-faint">{doors.access.columnsHint}</span>
          </legend>
          <div className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1">
            {columns.map((column) => (
              <label key={column} className="flex items-center gap-1.5 text-xs">
                <input
                  type="checkbox"
                  checked={chosen.has(column)}
                  onChange={(event) => toggle(column, event.target.checked)}
                  className="accent-(--accent)"
                />
                {column}
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <div className="flex flex-col gap-2">
        <span className="text-xs font-medium text-soft">{doors.access.rows}</span>
        {rows.map((row, at) => (
          <Condition
            // Conditions have no names; nothing of them is kept elsewhere.
            key={at}
            row={row}
            columns={columns}
            onChange={(next) => setRows(rows.with(at, next))}
            onRemove={() => setRows(rows.toSpliced(at, 1))}
          />
        ))}
        <div>
          <Button
            size="small"
            icon={<Plus size={13} />}
            onClick={() => setRows([...rows, { column: columns[0] ?? '', op: 'eq', value: '' }])}
          >
            {doors.access.addRow}
          </Button>
        </div>
      </div>
      <Sample thing={thing} draft={draft} />
    </div>
  )
}

function Condition({
  row,
  columns,
  onChange,
  onRemove,
}: {
  readonly row: DraftRow
  readonly columns: readonly string[]
  readonly onChange: (row: DraftRow) => void
  readonly onRemove: () => void
}) {
  const named = columns.includes(row.column) ? columns : [row.column, ...columns]
  return (
    <div className="grid grid-cols-[1fr_auto_auto] items-center gap-1.5 sm:grid-cols-[1fr_auto_1fr_auto]">
      <Select
        quiet
        label={doors.access.column}
        value={row.column}
        onChange={(column) => onChange({ ...row, column })}
        choices={named.map((value) => ({ value, label: value }))}
      />
      <Select
        quiet
        label={doors.access.comparison}
        value={row.op}
        onChange={(op) => onChange({ ...row, op: ops.find((one) => one === op) ?? 'eq' })}
        choices={ops.map((value) => ({ value, label: doors.ops[value] }))}
      />
      <div className="col-span-2 sm:col-span-1">
        <TextField
          quiet
          label={doors.access.value}
          placeholder={row.op === 'in' ? doors.access.listHint : doors.access.value}
          maxLength={1000}
          value={row.value}
          onChange={(value) => onChange({ ...row, value })}
        />
      </div>
      <IconButton label={doors.access.removeRow} onClick={onRemove}>
        <X size={14} />
      </IconButton>
    </div>
  )
}

function Sample({ thing, draft }: { readonly thing: Thing; readonly draft: AccessDraft }) {
  const access = useDeferredValue(accessOfDraft(draft))
  const sample = useSample(thing, access)
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <span className="text-xs font-medium text-soft">{doors.access.sample}</span>
      <SampleTable name={thing.name} of={sample} />
    </div>
  )
}
