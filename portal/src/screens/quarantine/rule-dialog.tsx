import { useState } from 'react'

import type { InputOf } from '~/api/client.ts'
import { useChange } from '~/api/operation.ts'
import type { SourceColumns } from '~/screens/quarantine/fix-drawer.tsx'
import { common } from '~/texts/common.ts'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Select, TextField } from '~/ui/field.tsx'
import { Problem } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

type Kind = InputOf<'repairs.create'>['kind']

const kinds = Object.keys(texts.ruleKinds) as Kind[]

/** A repair of a column, in every file of the source from now on. */
export function RuleDialog({
  source,
  columns,
  column: suggested,
  onClose,
}: {
  readonly source: string
  readonly columns: SourceColumns
  readonly column: string | null
  readonly onClose: () => void
}) {
  const own = columns.filter(({ isDerived }) => !isDerived)
  const known = own.find(({ name }) => name.toLowerCase() === suggested?.toLowerCase())
  const [column, setColumn] = useState(known?.name ?? own[0]?.name ?? '')
  const isTime = /^(date|timestamp)$/.test(own.find(({ name }) => name === column)?.type ?? '')
  const [kind, setKind] = useState<Kind>(isTime ? 'date-format' : 'trim')
  const [name, setName] = useState('')
  const [first, setFirst] = useState('')
  const [second, setSecond] = useState('')
  const create = useChange('repairs.create', {
    quiet: true,
    onDone: () => {
      showDone(texts.ruleSaved, texts.fixSavedHint)
      onClose()
    },
  })
  const fallback = `${kind}-${column.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 60)
  const save = () =>
    create.mutate({
      dataset: source,
      column,
      kind,
      name: name === '' ? fallback : name,
      ...detailsOf(kind, first, second),
    })
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.ruleTitle}
      note={texts.ruleNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={create.isPending}
            disabled={column === '' || (needs[kind] > 0 && first === '')}
            onClick={save}
          >
            {texts.saveRule}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {create.error && <Problem error={create.error} />}
        <Select
          label={texts.column}
          value={column}
          onChange={setColumn}
          choices={own.map((one) => ({ value: one.name, label: `${one.name} (${one.type})` }))}
        />
        <Select
          label={texts.ruleKind}
          value={kind}
          onChange={(value) => setKind(value as Kind)}
          choices={kinds.map((value) => ({ value, label: texts.ruleKinds[value] }))}
        />
        {fieldsOf[kind].map(({ label, hint }, at) => (
          <TextField
            key={label}
            label={label}
            hint={hint}
            value={at === 0 ? first : second}
            onChange={at === 0 ? setFirst : setSecond}
          />
        ))}
        <TextField
          label={texts.ruleName}
          hint={texts.ruleNameHint}
          placeholder={fallback}
          value={name}
          onChange={setName}
        />
      </div>
    </Dialog>
  )
}

const fieldsOf: Record<Kind, readonly { readonly label: string; readonly hint?: string }[]> = {
  trim: [],
  'decimal-comma': [],
  'date-format': [{ label: texts.format, hint: texts.formatHint }],
  'empty-as-null': [{ label: texts.texts, hint: texts.textsHint }],
  default: [{ label: texts.text }],
  map: [{ label: texts.from }, { label: texts.to }],
  'cap-length': [{ label: texts.length }],
}

/** Fields that cannot stay empty. */
const needs: Record<Kind, number> = {
  trim: 0,
  'decimal-comma': 0,
  'empty-as-null': 0,
  'date-format': 1,
  default: 1,
  map: 1,
  'cap-length': 1,
}

function detailsOf(kind: Kind, first: string, second: string) {
  switch (kind) {
    case 'trim':
    case 'decimal-comma':
      return {}
    case 'date-format':
      return { format: first }
    case 'empty-as-null':
      return { texts: first === '' ? [] : first.split(',').map((text) => text.trim()) }
    case 'default':
      return { text: first }
    case 'map':
      return { map: { [first]: second } }
    case 'cap-length':
      return { length: Number(first) }
  }
}
