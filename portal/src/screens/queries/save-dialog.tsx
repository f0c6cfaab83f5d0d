import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { untyped, type Typed } from '~/screens/queries/parameter-values.tsx'
import { parameterTypes } from '~/screens/queries/placeholders.ts'
import { common } from '~/texts/common.ts'
import { queriesTexts } from '~/texts/queries.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Select, TextField } from '~/ui/field.tsx'
import { Problem } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

const texts = queriesTexts.saving
const NAME = /^[a-z][a-z0-9_-]{0,79}$/

export interface Written {
  readonly sql: string
  readonly names: readonly string[]
  readonly values: Readonly<Record<string, Typed>>
}

/** Keeps the text under a name, with what its parameters are. */
export function SaveDialog({
  written,
  former,
  onClose,
  onSaved,
}: {
  readonly written: Written
  /** What it was opened from; null: it is new. */
  readonly former: { readonly name: string; readonly description: string } | null
  readonly onClose: () => void
  readonly onSaved: (name: string) => void
}) {
  const [name, setName] = useState(former?.name ?? '')
  const [description, setDescription] = useState(former?.description ?? '')
  const [values, setValues] = useState(written.values)
  const [meanings, setMeanings] = useState<Readonly<Record<string, string>>>({})
  const settings = {
    quiet: true,
    onDone: () => {
      showDone(texts.saved(name))
      onSaved(name)
    },
  }
  const create = useChange('savedQueries.create', settings)
  const update = useChange('savedQueries.update', settings)
  const isSame = former?.name === name
  const saving = isSame ? update : create
  const save = () => {
    const parameters = written.names.map((one) => {
      const { type, value } = values[one] ?? untyped
      return {
        name: one,
        type,
        description: meanings[one] ?? '',
        default: value === '' ? null : value,
      }
    })
    const input = { name, sql: written.sql, description, parameters }
    if (isSame) update.mutate(input)
    else create.mutate(input)
  }
  const isWrong = name !== '' && !NAME.test(name)
  return (
    <Dialog
      open
      onClose={onClose}
      title={isSame ? texts.change(name) : texts.title}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={saving.isPending}
            disabled={name === '' || isWrong}
            onClick={save}
          >
            {common.save}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          error={isWrong ? texts.nameWrong : undefined}
          value={name}
          onChange={setName}
          maxLength={80}
          spellCheck={false}
        />
        <TextField
          label={texts.description}
          value={description}
          onChange={setDescription}
          maxLength={2000}
        />
        {written.names.map((one) => {
          const own = values[one] ?? untyped
          const change = (some: Partial<Typed>) =>
            setValues({ ...values, [one]: { ...own, ...some } })
          return (
            <fieldset key={one} className="grid gap-2 sm:grid-cols-3">
              <legend className="mb-1 font-mono text-xs font-medium">{texts.parameter(one)}</legend>
              <Select
                label={texts.type}
                value={own.type}
                onChange={(type) => change({ type })}
                choices={[...parameterTypes, 'period'].map((type) => ({
                  value: type,
                  label: type,
                }))}
              />
              <TextField
                label={texts.default}
                hint={texts.defaultHint}
                value={own.value}
                onChange={(value) => change({ value })}
                spellCheck={false}
              />
              <TextField
                label={texts.meaning}
                value={meanings[one] ?? ''}
                onChange={(meaning) => setMeanings({ ...meanings, [one]: meaning })}
              />
            </fieldset>
          )
        })}
        {saving.error && <Problem error={saving.error} />}
      </div>
    </Dialog>
  )
}
