import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import type { Service } from '~/screens/tasks/service.ts'
import { common } from '~/texts/common.ts'
import { tasksTexts as texts } from '~/texts/tasks.ts'
import { Button } from '~/ui/button.tsx'
import { copyText } from '~/ui/copy-as.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { Problem } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

/** Where tasks of a name go; a new address shows its secret once. */
export function ServiceDialog({
  service,
  onClose,
}: {
  readonly service: Service | null
  readonly onClose: () => void
}) {
  const [name, setName] = useState(service?.name ?? '')
  const [url, setUrl] = useState(service?.url ?? '')
  const [timeout, setTimeoutText] = useState(
    service === null ? '30s' : `${Math.round(service.timeoutMs / 1000)}s`,
  )
  const save = useChange('handlers.set', {
    quiet: true,
    onDone: ({ secret }) => {
      if (secret !== null) return
      onClose()
      showDone(texts.saved)
    },
  })
  const secret = save.data?.secret ?? null
  if (secret !== null) {
    return (
      <Dialog
        open
        onClose={onClose}
        title={texts.secretTitle}
        note={texts.secretNote}
        actions={
          <Button look="primary" onClick={() => void copyText(secret, texts.secretTitle)}>
            {common.copy}
          </Button>
        }
      >
        <code className="block rounded-md bg-sunken p-3 font-mono text-sm [overflow-wrap:anywhere]">
          {secret}
        </code>
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.serviceTitle}
      actions={
        <>
          <Button look="quiet" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button type="submit" form="service" look="primary" busy={save.isPending}>
            {common.save}
          </Button>
        </>
      }
    >
      <form
        id="service"
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate({ name, url, timeout })
        }}
      >
        <TextField
          label={texts.name}
          hint={texts.nameHint}
          value={name}
          onChange={setName}
          disabled={service !== null}
          required
        />
        <TextField label={texts.url} hint={texts.urlHint} value={url} onChange={setUrl} required />
        <TextField
          label={texts.timeout}
          hint={texts.timeoutHint}
          value={timeout}
          onChange={setTimeoutText}
        />
        {save.error && <Problem error={save.error} />}
      </form>
    </Dialog>
  )
}
