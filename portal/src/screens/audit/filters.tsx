import { useEffect, useState } from 'react'

import { operations } from '#sdk/operations.gen.ts'
import { auditTexts as texts } from '~/texts/audit.ts'
import { Button } from '~/ui/button.tsx'
import { Field, inputClass, TextField } from '~/ui/field.tsx'
import { classes } from '~/ui/classes.ts'

const WAIT_MS = 300
const fields = ['actor', 'action', 'since', 'until'] as const
type Values = Readonly<Record<string, string | undefined>>

/** Who, what and when; kept in the address, so that a link shows the same rows. */
export function Filters({
  values,
  onChange,
}: {
  readonly values: Values
  readonly onChange: (values: Values) => void
}) {
  const isAny = fields.some((field) => values[field])
  return (
    <div className="grid grid-cols-2 items-end gap-3 lg:grid-cols-[2fr_2fr_1fr_1fr_auto]">
      <Slowly
        label={texts.who}
        placeholder={texts.whoHint}
        value={values['actor'] ?? ''}
        onChange={(actor) => onChange({ actor: actor || undefined })}
      />
      <Slowly
        label={texts.what}
        placeholder={texts.whatHint}
        list="audit-actions"
        value={values['action'] ?? ''}
        onChange={(action) => onChange({ action: action || undefined })}
      />
      <datalist id="audit-actions">
        {actions.map((action) => (
          <option key={action} value={action}>
            {action}
          </option>
        ))}
      </datalist>
      <Day
        label={texts.since}
        value={values['since'] ?? ''}
        onChange={(since) => onChange({ since: since || undefined })}
      />
      <Day
        label={texts.until}
        value={values['until'] ?? ''}
        onChange={(until) => onChange({ until: until || undefined })}
      />
      {isAny && (
        <Button
          look="quiet"
          onClick={() => onChange(Object.fromEntries(fields.map((field) => [field, undefined])))}
        >
          {texts.clear}
        </Button>
      )}
    </div>
  )
}

/** Changes that leave a row, and the resources that they are of. */
const actions: readonly string[] = Object.values(operations).flatMap((verbs) => {
  const changes = Object.values(verbs).filter(({ method }) => method !== 'GET')
  const resources = changes.map(({ name }) => name.split('.')[0] ?? '')
  return [...new Set(resources), ...changes.map(({ name }) => name)]
})

/** A text that is asked for when nobody has typed for a moment. */
function Slowly({
  value,
  onChange,
  ...rest
}: {
  readonly label: string
  readonly placeholder: string
  readonly list?: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const [typed, setTyped] = useState<string | null>(null)
  useEffect(() => {
    if (typed === null) return
    const timer = setTimeout(() => {
      onChange(typed.trim())
      setTyped(null)
    }, WAIT_MS)
    return () => clearTimeout(timer)
  }, [typed, onChange])
  return <TextField {...rest} value={typed ?? value} onChange={setTyped} />
}

function Day({
  label,
  value,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  return (
    <Field label={label}>
      {(props) => (
        <input
          {...props}
          type="date"
          value={value}
          onChange={(event) => onChange(event.target.value)}
          className={classes(inputClass, 'h-8')}
        />
      )}
    </Field>
  )
}
