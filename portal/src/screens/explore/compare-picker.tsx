import { exploreTexts as texts } from '~/texts/explore.ts'
import { Select, TextField } from '~/ui/field.tsx'

const DAY = 'day'

/** What is drawn behind: nothing, the version before, or the state of a day. */
export function ComparePicker({
  value,
  onChange,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
}) {
  const kind = value === '' || value === 'before' ? value : DAY
  return (
    <div className="flex items-center gap-2">
      <div className="w-52">
        <Select
          quiet
          label={texts.compare}
          value={kind}
          onChange={(next) => onChange(next === DAY ? yesterday() : next)}
          choices={[
            { value: '', label: texts.compareOff },
            { value: 'before', label: texts.compareBefore },
            { value: DAY, label: texts.compareWith },
          ]}
        />
      </div>
      {kind === DAY && (
        <div className="w-36">
          <TextField
            quiet
            type="date"
            label={texts.compareDay}
            value={value}
            onChange={(next) => next !== '' && onChange(next)}
          />
        </div>
      )}
    </div>
  )
}

function yesterday(): string {
  return new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
}
