import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useSetAddress } from '~/browser/address.ts'
import { parameterKey } from '~/rows/question.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button } from '~/ui/button.tsx'
import { Select, TextField } from '~/ui/field.tsx'

type Parameter = OutputOf<'endpoints.list'>['endpoints'][number]['parameters'][number]

/** What the endpoint's author lets one choose, as inputs that fit its types. */
export function Parameters({
  parameters,
  values,
}: {
  readonly parameters: readonly Parameter[]
  readonly values: Readonly<Record<string, string>>
}) {
  const set = useSetAddress()
  // What is being typed, until it is applied; another address begins anew (see the key of this part).
  const [draft, setDraft] = useState(values)
  const valueOf = ({ name, default: initial }: Parameter) => draft[name] ?? initial ?? ''
  const apply = (next: Readonly<Record<string, string>>) =>
    set(
      Object.fromEntries(
        parameters.map(({ name, default: initial }) => {
          const value = next[name]
          return [parameterKey(name), value === '' || value === initial ? undefined : value]
        }),
      ),
      { push: true },
    )
  const isChanged = parameters.some(
    (one) => valueOf(one) !== (values[one.name] ?? one.default ?? ''),
  )
  return (
    <form
      aria-label={texts.parameters}
      className="flex flex-wrap items-start gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        apply(draft)
      }}
    >
      {parameters.map((one) => {
        const { name, description, min, max } = one
        const choices = one.type === 'boolean' ? ['true', 'false'] : one.choices
        const range = min === null && max === null ? '' : texts.parameterRange(min, max)
        const hint = [description, range].filter((part) => part !== '').join('; ')
        return (
          <div key={name} className="w-full sm:w-52">
            {choices === null ? (
              <TextField
                label={name}
                hint={hint}
                value={valueOf(one)}
                placeholder={one.default === null ? texts.parameterNeeded : undefined}
                inputMode={one.type === 'integer' ? 'numeric' : undefined}
                required={one.default === null}
                onChange={(value) => setDraft({ ...draft, [name]: value })}
              />
            ) : (
              <Select
                label={name}
                hint={hint}
                value={valueOf(one)}
                choices={choices.map((value) => ({ value, label: value }))}
                onChange={(value) => {
                  const next = { ...draft, [name]: value }
                  setDraft(next)
                  apply(next)
                }}
              />
            )}
          </div>
        )
      })}
      <div className="sm:pt-5">
        <Button type="submit" look={isChanged ? 'primary' : 'plain'} disabled={!isChanged}>
          {texts.apply}
        </Button>
      </div>
    </form>
  )
}
