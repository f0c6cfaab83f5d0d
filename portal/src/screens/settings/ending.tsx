import { Download, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { useTenant, useZone } from '~/api/access.ts'
import { callOperation } from '~/api/client.ts'
import { useChange } from '~/api/operation.ts'
import { saveStream } from '~/browser/save-stream.ts'
import type { TenantSettings } from '~/screens/settings/tenant-settings.ts'
import { common } from '~/texts/common.ts'
import { settingsTexts } from '~/texts/settings.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { formatTime } from '~/ui/format.ts'
import { showDone, showProblem } from '~/ui/toast.tsx'

const texts = settingsTexts.end
const GRACE_DAYS = '7'

/** For owners: all of it in one file, and the end. */
export function Ending({ settings }: { readonly settings: TenantSettings }) {
  const tenant = useTenant()
  const [isSaving, setSaving] = useState(false)
  const [isEnding, setEnding] = useState(false)
  const save = async () => {
    setSaving(true)
    try {
      await saveStream(await callOperation(tenant, 'tenants.export', { slug: settings.slug }))
      showDone(texts.exported)
    } catch (error) {
      showProblem(error)
    } finally {
      setSaving(false)
    }
  }
  return (
    <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
      <Card title={texts.export} note={texts.exportNote}>
        <Button
          icon={<Download size={14} />}
          operation="tenants.export"
          busy={isSaving}
          onClick={() => void save()}
        >
          {texts.exportDo}
        </Button>
        <p className="mt-2 text-xs text-faint">{texts.exportHint}</p>
      </Card>
      <Card title={texts.delete} note={texts.deleteNote}>
        <Button
          look="danger"
          icon={<Trash2 size={14} />}
          operation="tenants.delete"
          onClick={() => setEnding(true)}
        >
          {texts.deleteDo}
        </Button>
      </Card>
      {isEnding && <EndDialog settings={settings} onClose={() => setEnding(false)} />}
    </div>
  )
}

function EndDialog({
  settings: { slug, name },
  onClose,
}: {
  readonly settings: TenantSettings
  readonly onClose: () => void
}) {
  const zone = useZone()
  const [typed, setTyped] = useState('')
  const [grace, setGrace] = useState(GRACE_DAYS)
  const end = useChange('tenants.delete', {
    onDone: ({ dueAt }) => {
      showDone(texts.deleted, texts.deletedHint(formatTime(dueAt, zone)))
      onClose()
    },
  })
  const isDays = /^\d{1,3}$/.test(grace) && Number(grace) <= 365
  return (
    <Dialog
      open
      onClose={onClose}
      title={texts.deleteTitle(name)}
      note={texts.deleteNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="danger"
            disabled={typed !== slug || !isDays}
            busy={end.isPending}
            onClick={() => end.mutate({ slug, confirm: typed, graceDays: Number(grace) })}
          >
            {texts.confirmDo}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <TextField
          label={texts.grace}
          hint={texts.graceHint}
          inputMode="numeric"
          value={grace}
          onChange={setGrace}
        />
        <TextField
          label={texts.confirm}
          hint={<code className="font-mono">{slug}</code>}
          value={typed}
          onChange={setTyped}
        />
      </div>
    </Dialog>
  )
}
