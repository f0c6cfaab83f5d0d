import { useId } from 'react'

import { useOperation } from '~/api/operation.ts'
import { useDeployedPacks } from '~/screens/operate-tenant-new/deployed.ts'
import type { Draft } from '~/screens/operate-tenant-new/draft.ts'
import { newTenantTexts as texts } from '~/texts/tenant-new.ts'
import { Checkbox, Field, inputClass, Select, TextField } from '~/ui/field.tsx'
import { classes } from '~/ui/classes.ts'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'

export interface StepProps {
  readonly draft: Draft
  readonly change: (changes: Partial<Draft>) => void
  /** By field; empty until somebody wanted to go on. */
  readonly problems: Readonly<Record<string, string>>
}

export function DetailsStep({ draft, change, problems }: StepProps) {
  const zones = useId()
  const t = texts.details
  return (
    <div className="grid max-w-160 gap-4 sm:grid-cols-2">
      <TextField
        label={t.name}
        error={problems['name']}
        value={draft.name}
        maxLength={200}
        onChange={(name) =>
          change({ name, ...(draft.slug === slugOf(draft.name) && { slug: slugOf(name) }) })
        }
      />
      <TextField
        label={t.slug}
        hint={t.slugHint}
        error={problems['slug']}
        value={draft.slug}
        maxLength={40}
        spellCheck={false}
        onChange={(slug) => change({ slug: slug.toLowerCase() })}
      />
      <Field label={t.timeZone} hint={t.timeZoneHint} error={problems['timeZone']}>
        {(props) => (
          <input
            {...props}
            list={zones}
            value={draft.timeZone}
            onChange={(event) => change({ timeZone: event.target.value })}
            className={classes(inputClass, 'h-8')}
          />
        )}
      </Field>
      <datalist id={zones}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone}>
            {zone}
          </option>
        ))}
      </datalist>
      <TextField
        label={t.locale}
        hint={t.localeHint}
        error={problems['locale']}
        value={draft.locale}
        onChange={(locale) => change({ locale })}
      />
      <TextField
        label={t.admin}
        hint={t.adminHint}
        error={problems['admin']}
        type="email"
        value={draft.admin}
        onChange={(admin) => change({ admin: admin.trim() })}
      />
    </div>
  )
}

/** A slug that the name suggests: whoever writes the name first need not write it twice. */
function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 40)
    .replace(/-$/, '')
}

export function PlaceStep({ draft, change, problems }: StepProps) {
  const cells = useOperation('cells.list', {})
  const t = texts.place
  return (
    <fieldset className="flex max-w-160 flex-col gap-3">
      <legend className="mb-2 text-sm font-medium">{t.question}</legend>
      <Option
        name="isolation"
        label={t.shared}
        note={t.sharedNote}
        checked={draft.isolation === 'shared'}
        onCheck={() => change({ isolation: 'shared' })}
      />
      <Option
        name="isolation"
        label={t.cell}
        note={t.cellNote}
        checked={draft.isolation === 'cell'}
        onCheck={() => change({ isolation: 'cell' })}
      />
      {draft.isolation === 'cell' && (
        <Answer of={cells}>
          {({ cells: all }) =>
            all.length === 0 ? (
              <p className="text-sm text-warn">{t.none}</p>
            ) : (
              <Select
                label={t.which}
                error={problems['cell']}
                value={draft.cell}
                onChange={(cell) => change({ cell })}
                choices={[
                  { value: '', label: t.choose },
                  ...all.map(({ name, tenants }) => ({
                    value: name,
                    label: t.tenants(name, formatCount(tenants)),
                  })),
                ]}
              />
            )
          }
        </Answer>
      )}
    </fieldset>
  )
}

function Option({
  name,
  label,
  note,
  checked,
  onCheck,
}: {
  readonly name: string
  readonly label: string
  readonly note?: string
  readonly checked: boolean
  readonly onCheck: () => void
}) {
  return (
    <label
      className={classes(
        'flex items-start gap-3 rounded-lg border p-3 text-sm',
        checked ? 'border-accent bg-accent-soft' : 'border-line',
      )}
    >
      <input
        type="radio"
        name={name}
        checked={checked}
        onChange={onCheck}
        className="mt-0.5 size-4 accent-(--accent)"
      />
      <span>
        <span className="font-medium">{label}</span>
        {note !== undefined && <span className="block text-xs text-soft">{note}</span>}
      </span>
    </label>
  )
}

export function PacksStep({ draft, change, problems }: StepProps) {
  const packs = useDeployedPacks()
  const t = texts.packs
  return (
    <Answer of={packs}>
      {(all) => (
        <fieldset className="flex flex-col gap-3">
          <legend className="mb-2 text-sm font-medium">{t.question}</legend>
          {all.length === 0 && <p className="text-sm text-warn">{t.nothing}</p>}
          <div className="grid max-w-160 gap-3 sm:grid-cols-2">
            <Option
              name="packs"
              label={t.all}
              checked={draft.packs === null}
              onCheck={() => change({ packs: null })}
            />
            <Option
              name="packs"
              label={t.some}
              checked={draft.packs !== null}
              onCheck={() => change({ packs: draft.packs ?? all.map(({ name }) => name) })}
            />
          </div>
          {problems['packs'] !== undefined && (
            <p role="alert" className="text-xs text-bad">
              {problems['packs']}
            </p>
          )}
          <ul className="grid gap-3 md:grid-cols-2">
            {all.map((pack) => {
              const has = draft.packs === null || draft.packs.includes(pack.name)
              return (
                <li key={pack.name} className="rounded-lg border border-line p-3">
                  <Checkbox
                    label={<span className="font-medium">{pack.name}</span>}
                    checked={has}
                    disabled={draft.packs === null}
                    onChange={(next) =>
                      change({
                        packs: next
                          ? [...(draft.packs ?? []), pack.name]
                          : (draft.packs ?? []).filter((name) => name !== pack.name),
                      })
                    }
                  />
                  <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-xs">
                    {(['sources', 'analyses', 'endpoints'] as const).map((kind) => (
                      <div key={kind} className="contents">
                        <dt className="text-faint">{t[kind]}</dt>
                        <dd className="text-soft [overflow-wrap:anywhere]">
                          {pack[kind].join(', ')}
                        </dd>
                      </div>
                    ))}
                  </dl>
                </li>
              )
            })}
          </ul>
        </fieldset>
      )}
    </Answer>
  )
}
