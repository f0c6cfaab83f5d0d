import { useState } from 'react'

import { useChange, useOperation } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { WebhookSecret } from '~/screens/keys/webhook-secret.tsx'
import type { Subscription } from '~/screens/keys/webhook-status.tsx'
import { webhooks as words, type EventKind } from '~/texts/webhooks.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { Checkbox, TextField } from '~/ui/field.tsx'
import { showDone } from '~/ui/toast.tsx'

const allKinds = Object.keys(words.kinds) as EventKind[]

export function WebhookEditor({
  own,
  onClose,
}: {
  /** Null: a new one. */
  readonly own: Subscription | null
  readonly onClose: () => void
}) {
  const [title, setTitle] = useState(own?.title ?? '')
  const [url, setUrl] = useState(own?.url ?? '')
  const [kinds, setKinds] = useState<ReadonlySet<string> | null>(() =>
    own?.kinds ? new Set(own.kinds) : null,
  )
  const [datasets, setDatasets] = useState<ReadonlySet<string>>(() => new Set(own?.datasets))
  const known = useOperation('datasets.list', {})
  const create = useChange('subscriptions.create', { quiet: true })
  const update = useChange('subscriptions.update', {
    quiet: true,
    onDone: () => {
      showDone(words.saved(title))
      onClose()
    },
  })
  if (create.data) return <WebhookSecret secret={create.data.secret} onClose={onClose} />
  const save = () => {
    const fields = {
      title: title.trim(),
      url: url.trim(),
      kinds: kinds === null ? null : allKinds.filter((kind) => kinds.has(kind)),
      datasets: datasets.size === 0 ? null : [...datasets],
    }
    if (own === null) create.mutate(fields)
    else update.mutate({ subscription: own.id, ...fields })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={own === null ? words.createTitle : words.editTitle(own.title)}
    >
      <DoorForm
        submit={words.save}
        busy={create.isPending || update.isPending}
        error={create.error ?? update.error}
        onSubmit={save}
      >
        <TextField
          label={words.name}
          required
          maxLength={200}
          autoFocus
          value={title}
          onChange={setTitle}
        />
        <TextField
          label={words.url}
          hint={words.urlHint}
          type="url"
          required
          maxLength={2000}
          value={url}
          onChange={setUrl}
        />
        <fieldset className="flex flex-col gap-2">
          <legend className="mb-2 text-xs font-medium text-soft">{words.which}</legend>
          <Checkbox
            label={words.allKinds}
            checked={kinds === null}
            onChange={(all) => setKinds(all ? null : new Set())}
          />
          {kinds !== null && (
            <div className="grid gap-1.5 pl-6 sm:grid-cols-2">
              {allKinds.map((kind) => (
                <Checkbox
                  key={kind}
                  label={words.kinds[kind]}
                  hint={kind}
                  checked={kinds.has(kind)}
                  onChange={(isChosen) => setKinds(toggled(kinds, kind, isChosen))}
                />
              ))}
            </div>
          )}
        </fieldset>
        {(known.data?.datasets.length ?? 0) > 0 && (
          <details>
            <summary className="cursor-pointer text-xs font-medium text-soft">
              {words.about}
            </summary>
            <div className="mt-2 grid max-h-48 gap-1.5 overflow-y-auto sm:grid-cols-2">
              {known.data?.datasets.map(({ dataset }) => (
                <Checkbox
                  key={dataset}
                  label={dataset}
                  checked={datasets.has(dataset)}
                  onChange={(isChosen) => setDatasets(toggled(datasets, dataset, isChosen))}
                />
              ))}
            </div>
          </details>
        )}
      </DoorForm>
    </Dialog>
  )
}

function toggled(all: ReadonlySet<string>, one: string, isChosen: boolean): ReadonlySet<string> {
  const next = new Set(all)
  if (isChosen) next.add(one)
  else next.delete(one)
  return next
}
