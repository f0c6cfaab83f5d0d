import { useNavigate } from '@tanstack/react-router'
import { CircleStop, RotateCcw, Trash2 } from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { useChange } from '~/api/operation.ts'
import type { BackgroundTask, BuildTask } from '~/screens/task/facts.tsx'
import { common } from '~/texts/common.ts'
import { taskTexts as texts } from '~/texts/task.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { showDone } from '~/ui/toast.tsx'

const open = new Set(['waiting', 'ready', 'running'])

/** What may be done about a task now: its run decides about a part of it. */
export function TaskActions({
  task,
  background,
}: {
  readonly task: BuildTask
  readonly background: BackgroundTask | null
}) {
  if (background !== null) return <BackgroundActions task={background} />
  return task.kind === 'build' && !open.has(task.state) ? <Rerun task={task} /> : null
}

function Rerun({ task }: { readonly task: BuildTask }) {
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const start = useChange('runs.start', {
    onDone: ({ run }) => {
      showDone(run ? texts.begun : texts.nothingToDo)
      if (run) void navigate({ to: '/t/$tenant/runs/$run', params: { tenant, run: run.id } })
    },
  })
  return (
    <Button
      operation="runs.start"
      icon={<RotateCcw size={14} />}
      title={texts.rerunNote}
      busy={start.isPending}
      onClick={() => start.mutate({ fromTask: task.id })}
    >
      {texts.rerun}
    </Button>
  )
}

function BackgroundActions({ task }: { readonly task: BackgroundTask }) {
  const [asks, setAsks] = useState(false)
  const cancel = useChange('tasks.cancel', {
    onDone: () => {
      setAsks(false)
      showDone(texts.cancelled)
    },
  })
  const retry = useChange('tasks.retry', { onDone: () => showDone(texts.retried) })
  const discard = useChange('tasks.discard', { onDone: () => showDone(texts.discarded) })
  const input = { task: task.id }
  return (
    <>
      {(task.state === 'failed' || task.state === 'cancelled') && (
        <Button
          operation="tasks.retry"
          look="primary"
          icon={<RotateCcw size={14} />}
          busy={retry.isPending}
          onClick={() => retry.mutate(input)}
        >
          {texts.retry}
        </Button>
      )}
      {task.state === 'failed' && (
        <Button
          operation="tasks.discard"
          icon={<Trash2 size={14} />}
          busy={discard.isPending}
          onClick={() => discard.mutate(input)}
        >
          {texts.discard}
        </Button>
      )}
      {open.has(task.state) && !task.cancelRequested && (
        <Button
          operation="tasks.cancel"
          look="danger"
          icon={<CircleStop size={14} />}
          onClick={() => setAsks(true)}
        >
          {texts.cancel}
        </Button>
      )}
      <Dialog
        open={asks}
        onClose={() => setAsks(false)}
        size="small"
        title={texts.cancelTitle}
        note={texts.cancelNote}
        actions={
          <>
            <Button look="quiet" onClick={() => setAsks(false)}>
              {common.cancel}
            </Button>
            <Button look="danger" busy={cancel.isPending} onClick={() => cancel.mutate(input)}>
              {texts.cancel}
            </Button>
          </>
        }
      />
    </>
  )
}
