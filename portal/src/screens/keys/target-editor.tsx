import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { SecretOnce } from '~/doors/secret-once.tsx'
import {
  fieldsOfKind,
  isRequired,
  secretFields,
  targetKinds,
  type TargetField,
  type TargetKind,
} from '~/screens/keys/target-fields.ts'
import type { Target } from '~/screens/keys/target.ts'
import { doors } from '~/texts/doors.ts'
import { targets as words } from '~/texts/targets.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox, Select, TextField } from '~/ui/field.tsx'
import { showDone } from '~/ui/toast.tsx'

export function TargetEditor({
  own,
  onClose,
}: {
  /** Null: a new one. */
  readonly own: Target | null
  readonly onClose: () => void
}) {
  const [name, setName] = useState(own?.target ?? '')
  const [kind, setKind] = useState<TargetKind>(own?.kind ?? 's3')
  const [values, setValues] = useState<Partial<Record<TargetField, string>>>(() => shownOf(own))
  const [pathStyle, setPathStyle] = useState(own?.options['pathStyle'] === true)
  const set = useChange('targets.set', {
    quiet: true,
    onDone: ({ signingSecret }) => {
      if (signingSecret !== null) return
      showDone(words.saved(name))
      onClose()
    },
  })
  const secret = set.data?.signingSecret
  if (secret != null) return <SigningSecret secret={secret} onClose={onClose} />
  const fields = fieldsOfKind[kind]
  const save = () => {
    const given = fields.flatMap((field) => {
      const value = values[field]?.trim() ?? ''
      return value === '' ? [] : [[field, value] as const]
    })
    set.mutate({
      target: name.trim(),
      kind,
      ...Object.fromEntries(given),
      ...(kind === 's3' && pathStyle && { pathStyle }),
    })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={own === null ? words.createTitle : words.editTitle(own.target)}
      note={own === null ? undefined : words.editNote}
    >
      <DoorForm submit={words.save} busy={set.isPending} error={set.error} onSubmit={save}>
        {own === null && (
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label={words.name}
              hint={words.nameHint}
              required
              maxLength={63}
              pattern="[a-z0-9][a-z0-9_\-]*"
              autoFocus
              value={name}
              onChange={setName}
            />
            <Select
              label={words.kind}
              value={kind}
              onChange={(next) => setKind(targetKinds.find((one) => one === next) ?? 's3')}
              choices={targetKinds.map((value) => ({ value, label: words.kinds[value] }))}
            />
          </div>
        )}
        {fields.map((field) => (
          <TextField
            key={field}
            label={words.fields[field]}
            hint={words.hints[field] || undefined}
            type={secretFields.has(field) ? 'password' : 'text'}
            autoComplete={secretFields.has(field) ? 'new-password' : 'off'}
            spellCheck={false}
            maxLength={2000}
            required={isRequired(field, own === null)}
            value={values[field] ?? ''}
            onChange={(value) => setValues({ ...values, [field]: value })}
          />
        ))}
        {kind === 's3' && (
          <Checkbox label={words.pathStyle} checked={pathStyle} onChange={setPathStyle} />
        )}
      </DoorForm>
    </Dialog>
  )
}

/** Of what is stored, all but the secrets, which nobody is shown. */
function shownOf(own: Target | null): Partial<Record<TargetField, string>> {
  if (own === null) return {}
  const shown = fieldsOfKind[own.kind].flatMap((field) => {
    const value = own.options[field]
    return typeof value === 'string' && !secretFields.has(field) ? [[field, value] as const] : []
  })
  return Object.fromEntries(shown)
}

function SigningSecret({
  secret,
  onClose,
}: {
  readonly secret: string
  readonly onClose: () => void
}) {
  return (
    <Dialog
      open
      onClose={onClose}
      title={words.secretTitle}
      actions={
        <Button look="primary" onClick={onClose}>
          {words.kept}
        </Button>
      }
    >
      <SecretOnce label={words.secret} value={secret} note={doors.shownOnce} />
    </Dialog>
  )
}
