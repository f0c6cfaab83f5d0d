import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import type { SourceColumns } from '~/screens/quarantine/fix-drawer.tsx'
import type { HeldRow } from '~/screens/quarantine/held-columns.tsx'
import { common } from '~/texts/common.ts'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Select, TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Problem } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

const RECORDS_MAX = 10_000

/** One decision for several rows of one part: a value for a column, or to leave them out. */
export function FixMany({
  source,
  rows,
  all,
  columns,
  onClose,
  onDone,
}: {
  readonly source: string
  readonly rows: readonly HeldRow[]
  /** In place of rows: all of a part that were held back for a reason. */
  readonly all: {
    readonly reason: string
    readonly partition: string
    readonly rows: number
  } | null
  readonly columns: SourceColumns
  readonly onClose: () => void
  readonly onDone: () => void
}) {
  const own = columns.filter(({ isDerived }) => !isDerived)
  const [how, setHow] = useState<'set' | 'drop'>('set')
  const [column, setColumn] = useState(rows[0]?.column ?? own[0]?.name ?? '')
  const [text, setText] = useState('')
  const [why, setWhy] = useState('')
  const fix = useChange('quarantine.fix', {
    quiet: true,
    onDone: () => {
      showDone(texts.fixSaved, texts.fixSavedHint)
      onDone()
      onClose()
    },
  })
  const parts = [...new Set(all ? [all.partition] : rows.map(({ partition }) => partition))]
  const [partition = ''] = parts
  const problem =
    parts.length > 1 ? texts.manyNeedOnePart : rows.length > RECORDS_MAX ? texts.manyMost : null
  const save = () => {
    const which = all
      ? { reason: all.reason }
      : { records: [...new Set(rows.map(({ record }) => record))] }
    const place = { dataset: source, partition, ...which }
    if (how === 'drop') fix.mutate({ ...place, drop: why.trim() })
    else if (text === '') fix.mutate({ ...place, clear: [column] })
    else fix.mutate({ ...place, set: { [column]: text } })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={
        all && all.rows === 0
          ? texts.fixAll
          : texts.fixManyTitle(formatCount(all?.rows ?? rows.length))
      }
      note={all ? `${all.partition} · ${all.reason}` : partition}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={fix.isPending}
            disabled={problem !== null || (how === 'drop' ? why.trim() === '' : column === '')}
            onClick={save}
          >
            {texts.saveFix}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {problem !== null && <p className="text-sm text-bad">{problem}</p>}
        {fix.error && <Problem error={fix.error} />}
        <Segments
          label={texts.fixHow}
          value={how}
          onChange={setHow}
          segments={[
            { value: 'set', label: texts.setColumn },
            { value: 'drop', label: texts.drop },
          ]}
        />
        {how === 'set' ? (
          <>
            <Select
              label={texts.column}
              value={column}
              onChange={setColumn}
              choices={own.map(({ name, type }) => ({ value: name, label: `${name} (${type})` }))}
            />
            <TextField
              label={texts.value}
              hint={text === '' ? texts.asNull : undefined}
              value={text}
              onChange={setText}
            />
          </>
        ) : (
          <TextField
            label={texts.dropWhy}
            hint={texts.dropHint}
            value={why}
            onChange={setWhy}
            maxLength={500}
          />
        )}
      </div>
    </Dialog>
  )
}
