import { EllipsisVertical, Pause, Pencil, Play, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import type { ReportRow } from '~/screens/reports/report-words.ts'
import { common } from '~/texts/common.ts'
import { reportsTexts as texts } from '~/texts/reports.ts'
import { Button, IconButton } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Menu } from '~/ui/menu.tsx'
import { showDone } from '~/ui/toast.tsx'

export function ReportActions({
  row,
  onEdit,
}: {
  readonly row: ReportRow
  readonly onEdit: () => void
}) {
  const { report, state } = row
  const [isForgetting, setForgetting] = useState(false)
  const run = useChange('reports.run', { onDone: () => showDone(texts.asked(report)) })
  const pause = useChange('reports.pause')
  const resume = useChange('reports.resume')
  const remove = useChange('reports.remove', { onDone: () => setForgetting(false) })
  return (
    <div className="flex items-center justify-end gap-1">
      <Button
        size="small"
        operation="reports.run"
        icon={<Send size={14} aria-hidden />}
        busy={run.isPending}
        onClick={() => run.mutate({ report })}
      >
        {texts.run}
      </Button>
      <Menu
        trigger={
          <IconButton label={common.more}>
            <EllipsisVertical size={16} />
          </IconButton>
        }
        items={[
          {
            label: texts.edit,
            icon: <Pencil size={14} aria-hidden />,
            operation: 'reports.update',
            onSelect: onEdit,
          },
          state === 'paused'
            ? {
                label: texts.resume,
                icon: <Play size={14} aria-hidden />,
                operation: 'reports.resume',
                onSelect: () => resume.mutate({ report }),
              }
            : {
                label: texts.pause,
                icon: <Pause size={14} aria-hidden />,
                operation: 'reports.pause',
                onSelect: () => pause.mutate({ report }),
              },
          {
            label: texts.forget,
            icon: <Trash2 size={14} aria-hidden />,
            operation: 'reports.remove',
            danger: true,
            onSelect: () => setForgetting(true),
          },
        ]}
      />
      <Dialog
        open={isForgetting}
        onClose={() => setForgetting(false)}
        size="small"
        title={texts.forgetTitle(report)}
        note={texts.forgetNote}
        actions={
          <>
            <Button onClick={() => setForgetting(false)}>{common.cancel}</Button>
            <Button look="danger" busy={remove.isPending} onClick={() => remove.mutate({ report })}>
              {texts.forget}
            </Button>
          </>
        }
      />
    </div>
  )
}
