import { sendingTexts as texts } from '~/texts/sending.ts'
import { Checkbox } from '~/ui/field.tsx'

/** Which columns are wanted; where nothing is chosen, all of them. */
export function ColumnsField({
  columns,
  chosen,
  onChange,
}: {
  readonly columns: readonly string[]
  /** Empty: all. */
  readonly chosen: readonly string[]
  readonly onChange: (chosen: readonly string[]) => void
}) {
  const names = [...new Set([...columns, ...chosen])]
  const own = new Set(chosen.length === 0 ? names : chosen)
  const toggle = (name: string, isChosen: boolean) => {
    // In the order that was asked for; what is added comes last.
    const kept = [...own].filter((one) => one !== name)
    const next = isChosen ? [...kept, name] : kept
    onChange(next.length === names.length ? [] : next)
  }
  return (
    <details className="sm:pt-6">
      <summary className="cursor-pointer text-xs font-medium text-soft [overflow-wrap:anywhere]">
        {texts.columns(chosen.length === 0 ? texts.allColumns : chosen.join(', '))}
      </summary>
      <div className="mt-2 grid max-h-48 gap-1.5 overflow-y-auto">
        {names.map((name) => (
          <Checkbox
            key={name}
            label={name}
            checked={own.has(name)}
            // The last one stays: without a column there is no row.
            disabled={own.size === 1 && own.has(name)}
            onChange={(isChosen) => toggle(name, isChosen)}
          />
        ))}
      </div>
    </details>
  )
}
