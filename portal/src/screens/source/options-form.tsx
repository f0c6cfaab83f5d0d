import { PlugZap } from 'lucide-react'
import { useState } from 'react'

import { useMay } from '~/api/access.ts'
import { useChange } from '~/api/operation.ts'
import { ConnectionFound } from '~/screens/source/connection-found.tsx'
import {
  optionChanges,
  secretNames,
  switchOptions,
  textOptions,
  type Edited,
  type TextOption,
} from '~/screens/source/option-changes.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Button } from '~/ui/button.tsx'
import { Checkbox, TextField } from '~/ui/field.tsx'
import { Problem } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

/** Location and what its connector takes; tried as it stands in the form, before it is saved. */
export function OptionsForm({
  source,
  former,
  defaultLocation,
}: {
  readonly source: string
  readonly former: Readonly<Record<string, unknown>>
  readonly defaultLocation: string | null
}) {
  const may = useMay()
  const [edited, setEdited] = useState<Edited>({})
  const save = useChange('sources.configure', {
    quiet: true,
    onDone: () => showDone(texts.saved),
  })
  const test = useChange('sources.test', { quiet: true })
  const changes = optionChanges(former, edited)
  const isChanged = Object.keys(changes).length > 0
  const mayWrite = may('sources.configure')
  const textOf = (name: TextOption) =>
    edited[name] ?? (secretNames.includes(name) ? '' : storedText(former[name]))
  const location = textOf('location') || (defaultLocation ?? '')
  const isBucket = location.startsWith('s3:')
  const shown = isBucket ? textOptions : (['location'] as const)
  const input = { dataset: source, ...changes }
  return (
    <form
      className="flex max-w-2xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (isChanged) save.mutate(input)
      }}
    >
      {shown.map((name) => (
        <TextField
          key={name}
          label={texts.fields[name]}
          type={secretNames.includes(name) ? 'password' : 'text'}
          autoComplete={secretNames.includes(name) ? 'new-password' : 'off'}
          spellCheck={false}
          disabled={!mayWrite}
          hint={
            name !== 'location'
              ? undefined
              : defaultLocation === null
                ? texts.locationHint
                : texts.defaultLocation(defaultLocation)
          }
          placeholder={
            secretNames.includes(name) && former[name] !== undefined ? texts.secretSet : undefined
          }
          value={textOf(name)}
          onChange={(value) => setEdited((now) => ({ ...now, [name]: value }))}
        />
      ))}
      {isBucket &&
        switchOptions.map((name) => (
          <Checkbox
            key={name}
            label={texts.fields[name]}
            disabled={!mayWrite}
            checked={edited[name] ?? former[name] === true}
            onChange={(value) => setEdited((now) => ({ ...now, [name]: value }))}
          />
        ))}
      {!mayWrite && <p className="text-sm text-faint">{texts.notHere}</p>}
      <div className="flex flex-wrap gap-2">
        <Button
          icon={<PlugZap size={14} aria-hidden />}
          operation="sources.test"
          busy={test.isPending}
          disabled={location === ''}
          onClick={() => test.mutate(input)}
        >
          {test.isPending ? texts.testing : texts.test}
        </Button>
        <Button
          type="submit"
          look="primary"
          operation="sources.configure"
          busy={save.isPending}
          disabled={!isChanged}
        >
          {texts.save}
        </Button>
        {isChanged && (
          <Button look="quiet" onClick={() => setEdited({})}>
            {texts.reset}
          </Button>
        )}
      </div>
      <div aria-live="polite">
        {save.error && <Problem error={save.error} />}
        {test.error ? (
          <Problem error={test.error} again={() => test.mutate(input)} />
        ) : (
          test.data && <ConnectionFound found={test.data} />
        )}
      </div>
    </form>
  )
}

const storedText = (value: unknown) => (typeof value === 'string' ? value : '')
