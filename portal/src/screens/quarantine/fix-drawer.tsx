import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange } from '~/api/operation.ts'
import { reasonWords } from '~/intake/reason-words.ts'
import type { HeldRow } from '~/screens/quarantine/held-columns.tsx'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { common } from '~/texts/common.ts'
import { Button } from '~/ui/button.tsx'
import { Drawer } from '~/ui/dialog.tsx'
import { TextArea, TextField } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'
import { Segments } from '~/ui/segments.tsx'
import { Problem } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { showDone } from '~/ui/toast.tsx'
import { useMay } from '~/api/access.ts'

export type SourceColumns = OutputOf<'sources.show'>['columns']

type How = 'edit' | 'replace' | 'drop'

/** One row that was held back: where it stands, what is wrong, and what is to be done with it. */
export function FixDrawer({
  source,
  row,
  columns,
  onClose,
}: {
  readonly source: string
  readonly row: HeldRow
  readonly columns: SourceColumns
  readonly onClose: () => void
}) {
  const may = useMay()
  const cells = cellsOf(row, columns)
  const [how, setHow] = useState<How>(row.column === null ? 'replace' : 'edit')
  const [edited, setEdited] = useState<Readonly<Record<string, string>>>({})
  const [line, setLine] = useState(row.raw)
  const [why, setWhy] = useState('')
  const fix = useChange('quarantine.fix', {
    quiet: true,
    onDone: () => {
      showDone(texts.fixSaved, texts.fixSavedHint)
      onClose()
    },
  })
  const changed = Object.fromEntries(
    Object.entries(edited).filter(([name, text]) => text !== textOf(cells, name)),
  )
  const isReady =
    how === 'edit'
      ? Object.keys(changed).length > 0
      : how === 'replace'
        ? line !== '' && line !== row.raw
        : why.trim() !== ''
  const save = () => {
    const place = { dataset: source, partition: row.partition, records: [row.record] }
    if (how === 'edit') fix.mutate({ ...place, set: changed })
    else if (how === 'replace') fix.mutate({ ...place, replace: line })
    else fix.mutate({ ...place, drop: why.trim() })
  }
  const isAllowed = may('quarantine.fix')
  return (
    <Drawer
      open
      onClose={onClose}
      title={texts.fixTitle(formatCount(row.line))}
      note={row.file}
      actions={
        isAllowed && (
          <>
            <Button onClick={onClose}>{common.cancel}</Button>
            <Button look="primary" disabled={!isReady} busy={fix.isPending} onClick={save}>
              {texts.saveFix}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex flex-wrap items-center gap-2 text-sm">
          <Status state="warning" label={reasonWords(row.reason)} />
          <span className="num text-faint">
            {`${row.partition} · ${texts.byte(formatCount(row.byteOffset))}`}
          </span>
        </div>
        <Raw row={row} />
        {fix.error && <Problem error={fix.error} />}
        {isAllowed && (
          <>
            <Segments
              label={texts.fixHow}
              value={how}
              onChange={setHow}
              segments={[
                ...(cells === null ? [] : [{ value: 'edit' as const, label: texts.edit }]),
                { value: 'replace', label: texts.replace },
                { value: 'drop', label: texts.drop },
              ]}
            />
            {how === 'edit' &&
              cells?.map(({ name, text, isFaulty, type }) => (
                <TextField
                  key={name}
                  label={<span className={isFaulty ? 'font-semibold text-bad' : ''}>{name}</span>}
                  hint={isFaulty ? `${texts.faulty} · ${type}` : type}
                  value={edited[name] ?? text}
                  onChange={(value) => setEdited((former) => ({ ...former, [name]: value }))}
                />
              ))}
            {how === 'replace' && (
              <TextArea mono label={texts.replaceLabel} value={line} onChange={setLine} rows={6} />
            )}
            {how === 'drop' && (
              <TextField
                label={texts.dropWhy}
                hint={texts.dropHint}
                value={why}
                onChange={setWhy}
                maxLength={500}
              />
            )}
          </>
        )}
      </div>
    </Drawer>
  )
}

/** The record as it stands, with the faulty text marked where it can be found. */
function Raw({ row: { raw, value } }: { readonly row: HeldRow }) {
  const at = value === null || value === '' ? -1 : raw.indexOf(value)
  return (
    <pre
      tabIndex={0}
      dir="auto"
      aria-label={texts.raw}
      className="max-h-40 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
    >
      {at < 0 ? (
        raw
      ) : (
        <>
          {raw.slice(0, at)}
          <mark className="rounded-xs bg-bad-soft px-0.5 font-semibold text-bad">{value}</mark>
          {raw.slice(at + (value?.length ?? 0))}
        </>
      )}
    </pre>
  )
}

interface EditedCell {
  readonly name: string
  readonly text: string
  readonly type: string
  readonly isFaulty: boolean
}

/** The declared columns with what stands in the record; the faulty one first. Null: it cannot be told. */
function cellsOf({ fields }: HeldRow, columns: SourceColumns): readonly EditedCell[] | null {
  if (fields === null) return null
  return columns
    .filter(({ isDerived }) => !isDerived)
    .map(({ name, type }) => {
      const field = fields.find((one) => one.name?.toLowerCase() === name.toLowerCase())
      return { name, type, text: field?.text ?? '', isFaulty: field?.isFaulty ?? false }
    })
    .toSorted((a, b) => Number(b.isFaulty) - Number(a.isFaulty))
}

function textOf(cells: readonly EditedCell[] | null, name: string): string {
  return cells?.find((cell) => cell.name === name)?.text ?? ''
}
