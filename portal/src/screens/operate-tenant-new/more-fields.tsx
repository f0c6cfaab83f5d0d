import { useRef, useState } from 'react'

import { useDeployedPacks } from '~/screens/operate-tenant-new/deployed.ts'
import { noSource, type SourceDraft } from '~/screens/operate-tenant-new/draft.ts'
import type { StepProps } from '~/screens/operate-tenant-new/fields.tsx'
import { newTenantTexts as texts } from '~/texts/tenant-new.ts'
import { Button } from '~/ui/button.tsx'
import { Checkbox, Field, TextField } from '~/ui/field.tsx'
import { Answer } from '~/ui/states.tsx'

export function SourcesStep({ draft, change, problems }: StepProps) {
  const packs = useDeployedPacks()
  const t = texts.sources
  return (
    <Answer of={packs}>
      {(all) => {
        const sources = all
          .filter(({ name }) => draft.packs === null || draft.packs.includes(name))
          .flatMap((pack) => pack.located)
        return (
          <div className="flex max-w-200 flex-col gap-4">
            <p className="text-sm text-soft">{sources.length === 0 ? t.none : t.note}</p>
            {sources.map((name) => (
              <SourceFields
                key={name}
                name={name}
                source={draft.sources[name] ?? noSource}
                problem={problems[name]}
                onChange={(source) => change({ sources: { ...draft.sources, [name]: source } })}
              />
            ))}
          </div>
        )
      }}
    </Answer>
  )
}

function SourceFields({
  name,
  source,
  problem,
  onChange,
}: {
  readonly name: string
  readonly source: SourceDraft
  readonly problem: string | undefined
  readonly onChange: (source: SourceDraft) => void
}) {
  const t = texts.sources
  const set = (changes: Partial<SourceDraft>) => onChange({ ...source, ...changes })
  return (
    <section className="flex flex-col gap-3 rounded-lg border border-line p-3">
      <h3 className="text-sm font-semibold">{name}</h3>
      <TextField
        label={t.location}
        hint={t.locationHint}
        error={problem}
        value={source.location}
        spellCheck={false}
        onChange={(location) => set({ location })}
      />
      {source.location.trim().startsWith('s3://') && (
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField
            label={t.endpoint}
            value={source.endpoint}
            onChange={(endpoint) => set({ endpoint })}
          />
          <TextField
            label={t.region}
            value={source.region}
            onChange={(region) => set({ region })}
          />
          <TextField
            label={t.accessKeyId}
            value={source.accessKeyId}
            onChange={(accessKeyId) => set({ accessKeyId })}
          />
          <TextField
            label={t.secretAccessKey}
            hint={t.secretHint}
            type="password"
            autoComplete="off"
            value={source.secretAccessKey}
            onChange={(secretAccessKey) => set({ secretAccessKey })}
          />
          <Checkbox
            label={t.anonymous}
            checked={source.anonymous}
            onChange={(anonymous) => set({ anonymous })}
          />
        </div>
      )}
    </section>
  )
}

export function LimitsStep({ draft, change, problems }: StepProps) {
  const t = texts.limits
  return (
    <div className="grid max-w-160 gap-4 sm:grid-cols-2">
      <TextField
        label={t.weight}
        hint={t.weightHint}
        error={problems['weight']}
        inputMode="numeric"
        value={draft.weight}
        onChange={(weight) => change({ weight })}
      />
      <TextField
        label={t.limit}
        hint={t.limitHint}
        error={problems['limit']}
        inputMode="numeric"
        value={draft.limit}
        onChange={(limit) => change({ limit })}
      />
      <TextField
        label={t.rate}
        hint={t.rateHint}
        error={problems['rate']}
        value={draft.rate}
        onChange={(rate) => change({ rate })}
      />
      <TextField
        label={t.keep}
        hint={t.keepHint}
        error={problems['keepDaysMax']}
        inputMode="numeric"
        value={draft.keepDaysMax}
        onChange={(keepDaysMax) => change({ keepDaysMax })}
      />
    </div>
  )
}

const LOGO_BYTES = 65_536

export function LooksStep({ draft, change, problems }: StepProps) {
  const t = texts.looks
  const file = useRef<HTMLInputElement>(null)
  const [tooLarge, setTooLarge] = useState(false)
  const read = (chosen: File | undefined) => {
    if (!chosen) return
    const isTooLarge = chosen.size > LOGO_BYTES
    setTooLarge(isTooLarge)
    if (isTooLarge) return
    const reader = new FileReader()
    reader.onload = () => {
      if (typeof reader.result === 'string') change({ logo: reader.result })
    }
    reader.readAsDataURL(chosen)
  }
  const colour = /^#[0-9a-f]{6}$/i.test(draft.colour) ? draft.colour : null
  return (
    <div className="grid max-w-160 items-start gap-4 sm:grid-cols-2">
      <div className="flex items-start gap-2">
        <div className="grow">
          <TextField
            label={t.colour}
            error={problems['colour']}
            placeholder="#1a7f5a"
            value={draft.colour}
            onChange={(next) => change({ colour: next.trim() })}
          />
        </div>
        <input
          type="color"
          aria-label={t.pick}
          value={colour ?? '#1d4fd8'}
          onChange={(event) => change({ colour: event.target.value })}
          className="mt-5 h-8 w-10 rounded border border-line bg-surface"
        />
      </div>
      <Field label={t.logo} hint={t.logoHint} error={tooLarge ? t.logoWrong : problems['logo']}>
        {(props) => (
          <input
            {...props}
            ref={file}
            type="file"
            accept="image/png,image/jpeg,image/webp"
            onChange={(event) => read(event.target.files?.[0])}
            className="text-sm text-soft"
          />
        )}
      </Field>
      <div className="sm:col-span-2">
        <h3 className="mb-1 text-xs font-medium text-soft">{t.preview}</h3>
        <div className="flex items-center gap-3 rounded-lg border border-line p-3">
          {draft.logo === '' ? (
            <span
              style={{ background: colour ?? 'var(--accent)' }}
              className="flex size-8 items-center justify-center rounded-md font-bold text-white"
            >
              {draft.name.trim().slice(0, 1).toUpperCase()}
            </span>
          ) : (
            <img src={draft.logo} alt="" className="max-h-8 max-w-32" />
          )}
          <span className="min-w-0 truncate font-semibold">{draft.name}</span>
          <span
            style={{ borderColor: colour ?? 'var(--accent)' }}
            className="ml-auto border-b-2 pb-0.5 text-sm font-medium"
          >
            {t.sample}
          </span>
          {draft.logo !== '' && (
            <Button
              size="small"
              onClick={() => {
                change({ logo: '' })
                if (file.current) file.current.value = ''
              }}
            >
              {t.removeLogo}
            </Button>
          )}
        </div>
      </div>
    </div>
  )
}
