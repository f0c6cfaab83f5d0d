import { Link } from '@tanstack/react-router'

import { useMay, useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { fileDraft, isKeyMissing, type TargetDraft } from '~/sending/target-draft.ts'
import { sendingTexts as texts } from '~/texts/sending.ts'
import { Checkbox, Select, TextField } from '~/ui/field.tsx'
import { Segments } from '~/ui/segments.tsx'

interface TargetProps {
  readonly draft: TargetDraft
  /** Of the rows that go there. */
  readonly columns: readonly string[]
  readonly onChange: (draft: TargetDraft) => void
}

/** A file that is kept here, or a saved target with what it has to be told. */
export function TargetFields({ draft, columns, onChange }: TargetProps) {
  const may = useMay()
  const tenant = useTenant() ?? ''
  const targets = useOperation('targets.list', { limit: 1000 }, { enabled: may('targets.list') })
  const saved = targets.data?.targets ?? []
  const own = { target: draft.target, kind: draft.kind }
  const isListed = saved.some(({ target }) => target === draft.target)
  // Who may not see the others keeps the one that is there.
  const all = draft.target === '' || isListed ? saved : [own, ...saved]
  const isNoneYet = targets.data !== undefined && saved.length === 0 && may('targets.set')
  return (
    <>
      <Select
        label={texts.target}
        value={draft.target}
        onChange={(name) => {
          const chosen = all.find(({ target }) => target === name)
          onChange(chosen ? { ...fileDraft, target: name, kind: chosen.kind } : fileDraft)
        }}
        choices={[
          { value: '', label: texts.targetFile },
          ...all.map(({ target, kind }) => ({
            value: target,
            label: texts.targetChoice(target, texts.targetKinds[kind] ?? kind),
          })),
        ]}
        hint={
          isNoneYet ? (
            <>
              {texts.noTargets}{' '}
              <Link
                to="/t/$tenant/keys"
                params={{ tenant }}
                search={{ tab: 'targets' }}
                className="text-accent underline"
              >
                {texts.toTargets}
              </Link>
            </>
          ) : undefined
        }
      />
      {draft.kind === 'postgres' && <TableFields {...{ draft, columns, onChange }} />}
      {draft.kind === 's3' && (
        <TextField
          label={texts.location}
          hint={texts.locationHint}
          value={draft.location}
          onChange={(location) => onChange({ ...draft, location })}
          maxLength={1000}
          spellCheck={false}
        />
      )}
      {draft.kind === 'webhook' && <p className="text-sm text-soft">{texts.webhookHint}</p>}
    </>
  )
}

function TableFields({ draft, columns, onChange }: TargetProps) {
  const { table, mode, key, removeOthers } = draft
  const change = (some: Partial<TargetDraft>) => onChange({ ...draft, ...some })
  return (
    <>
      <TextField
        label={texts.table}
        hint={texts.tableHint}
        value={table}
        onChange={(next) => change({ table: next })}
        maxLength={63}
        spellCheck={false}
      />
      <div className="flex flex-col gap-1.5">
        <div>
          <Segments
            label={texts.mode}
            value={mode}
            onChange={(next) => change({ mode: next })}
            segments={(['swap', 'upsert'] as const).map((value) => ({
              value,
              label: texts.modes[value],
            }))}
          />
        </div>
        <p className="text-xs text-faint">{texts.modeHints[mode]}</p>
      </div>
      {mode === 'upsert' && (
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-2 text-xs font-medium text-soft">{texts.key}</legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1.5">
            {[...new Set([...columns, ...key])].map((name) => (
              <Checkbox
                key={name}
                label={name}
                checked={key.includes(name)}
                onChange={(isChosen) =>
                  change({ key: isChosen ? [...key, name] : key.filter((one) => one !== name) })
                }
              />
            ))}
          </div>
          <p className={isKeyMissing(draft) ? 'text-xs text-bad' : 'text-xs text-faint'}>
            {isKeyMissing(draft) ? texts.keyNeeded : texts.keyHint}
          </p>
          <Checkbox
            label={texts.removeOthers}
            checked={removeOthers}
            onChange={(next) => change({ removeOthers: next })}
          />
        </fieldset>
      )}
    </>
  )
}
