import { Plus, X } from 'lucide-react'
import { useState } from 'react'

import { operators, type Condition, type Operator } from '~/rows/conditions.ts'
import { common } from '~/texts/common.ts'
import { conditionsTexts as texts } from '~/texts/conditions.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Select, TextField } from '~/ui/field.tsx'

/** `events is more than 100`. */
export function conditionText({ column, op, value }: Condition): string {
  if (op === 'is') return `${column} ${value === 'null' ? texts.empty : texts.notEmpty}`
  return `${column} ${texts.operators[op]} ${value}`
}

/** Conditions as chips; each can be taken away, and another one added. */
export function ConditionsField({
  where,
  columns,
  onChange,
}: {
  readonly where: readonly Condition[]
  readonly columns: readonly string[]
  readonly onChange: (where: readonly Condition[]) => void
}) {
  const [isAdding, setAdding] = useState(false)
  return (
    <div
      className="flex min-w-0 flex-wrap items-center gap-2"
      role="group"
      aria-label={texts.filters}
    >
      {where.map((condition, at) => {
        const text = conditionText(condition)
        return (
          <span
            key={`${at} ${text}`}
            className="inline-flex h-7 max-w-72 items-center rounded-full bg-accent-soft pl-3 text-xs font-medium text-ink"
          >
            <span className="truncate" title={text}>
              {text}
            </span>
            <button
              type="button"
              aria-label={texts.removeFilter(text)}
              title={texts.removeFilter(text)}
              onClick={() => onChange(where.toSpliced(at, 1))}
              className="inline-flex size-7 shrink-0 items-center justify-center rounded-full text-soft hover:text-ink"
            >
              <X size={14} />
            </button>
          </span>
        )
      })}
      <Button size="small" look="quiet" icon={<Plus size={14} />} onClick={() => setAdding(true)}>
        {texts.addFilter}
      </Button>
      {where.length > 1 && (
        <Button size="small" look="quiet" onClick={() => onChange([])}>
          {texts.clearFilters}
        </Button>
      )}
      {isAdding && (
        <AddFilter
          columns={columns}
          onClose={() => setAdding(false)}
          onAdd={(condition) => {
            setAdding(false)
            onChange([...where, condition])
          }}
        />
      )}
    </div>
  )
}

function AddFilter({
  columns,
  onAdd,
  onClose,
}: {
  readonly columns: readonly string[]
  readonly onAdd: (condition: Condition) => void
  readonly onClose: () => void
}) {
  const [column, setColumn] = useState(columns[0] ?? '')
  const [op, setOp] = useState<Operator>('eq')
  const [value, setValue] = useState('')
  const isEmptiness = op === 'is'
  const add = () => onAdd({ column, op, value: isEmptiness && value === '' ? 'null' : value })
  return (
    <Dialog
      open
      onClose={onClose}
      size="small"
      title={texts.addFilter}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="primary" onClick={add} disabled={!isEmptiness && value === ''}>
            {texts.addFilter}
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (isEmptiness || value !== '') add()
        }}
      >
        <Select
          label={texts.column}
          value={column}
          onChange={setColumn}
          choices={columns.map((name) => ({ value: name, label: name }))}
        />
        <Select
          label={texts.operator}
          value={op}
          onChange={(next) => {
            setOp(next as Operator)
            setValue('')
          }}
          choices={operators.map((name) => ({ value: name, label: texts.operators[name] }))}
        />
        {isEmptiness ? (
          <Select
            label={texts.value}
            value={value === '' ? 'null' : value}
            onChange={setValue}
            choices={[
              { value: 'null', label: texts.empty },
              { value: 'not-null', label: texts.notEmpty },
            ]}
          />
        ) : (
          <TextField
            label={texts.value}
            hint={op === 'in' ? texts.inHint : undefined}
            value={value}
            onChange={setValue}
            autoFocus
          />
        )}
      </form>
    </Dialog>
  )
}
