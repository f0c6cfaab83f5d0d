import { parameterTypes } from '~/screens/queries/placeholders.ts'
import { queriesTexts as texts } from '~/texts/queries.ts'
import { Select, TextField } from '~/ui/field.tsx'

export interface Typed {
  readonly type: string
  readonly value: string
}

export const untyped: Typed = { type: 'text', value: '' }

/** A type and a value for each `$name` of the text. */
export function ParameterValues({
  names,
  values,
  onChange,
}: {
  readonly names: readonly string[]
  readonly values: Readonly<Record<string, Typed>>
  readonly onChange: (name: string, value: Typed) => void
}) {
  return (
    <div className="flex flex-col gap-2 border-b border-line px-4 py-3">
      <h3 className="text-xs font-semibold text-soft">{texts.parameters}</h3>
      {names.map((name) => {
        const own = values[name] ?? untyped
        return (
          <div key={name} className="grid grid-cols-[9rem_minmax(0,1fr)] gap-2 sm:max-w-140">
            <Select
              label={
                <>
                  <code className="font-mono">${name}</code> {texts.parameterType.toLowerCase()}
                </>
              }
              value={own.type}
              onChange={(type) => onChange(name, { ...own, type })}
              choices={parameterTypes.map((type) => ({ value: type, label: type }))}
            />
            <TextField
              label={texts.parameterValue}
              value={own.value}
              onChange={(value) => onChange(name, { ...own, value })}
              spellCheck={false}
            />
          </div>
        )
      })}
    </div>
  )
}
