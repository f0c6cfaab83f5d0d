import { CircleStop, Pause, Play, RotateCcw, Undo2 } from 'lucide-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { PlanDialog } from '~/plan/plan-dialog.tsx'
import type { RunView } from '~/screens/run/run-view.ts'
import { UndoDialog } from '~/screens/run/undo-dialog.tsx'
import { common } from '~/texts/common.ts'
import { runTexts as texts } from '~/texts/run.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Status } from '~/ui/status.tsx'
import { showDone } from '~/ui/toast.tsx'

/** What may be done about a run now. */
export function RunActions({ view }: { readonly view: RunView }) {
  const { run } = view
  const [asks, setAsks] = useState<'cancel' | 'undo' | 'rerun' | null>(null)
  const close = () => setAsks(null)
  const tenant = useTenant() ?? ''
  const navigate = useNavigate()
  const isRunning = run.state === 'running'
  const queue = useOperation('queue.show', {}, { enabled: isRunning })
  const paused = queue.data?.pauses.find(({ scope, value }) => scope === 'run' && value === run.id)
  const pause = useChange('runs.pause', { onDone: () => again(texts.wasPaused) })
  const resume = useChange('runs.resume', { onDone: () => again(texts.wasResumed) })
  const again = (told: string) => {
    showDone(told)
    void queue.refetch()
  }
  const cancel = useChange('runs.cancel', {
    onDone: () => {
      close()
      showDone(texts.wasCancelled)
    },
  })
  const hasFailed = view.datasets.some(
    ({ counts }) => counts.failed + counts.held + counts.skipped + counts.cancelled > 0,
  )
  const hasWritten = view.datasets.some(({ counts }) => counts.done > 0)

  return (
    <>
      {isRunning &&
        (paused ? (
          <>
            <span title={texts.pausedFor(paused.reason)}>
              <Status state="paused" label={texts.paused} />
            </span>
            <Button
              operation="runs.resume"
              icon={<Play size={14} />}
              busy={resume.isPending}
              onClick={() => resume.mutate({ run: run.id })}
            >
              {texts.resume}
            </Button>
          </>
        ) : (
          <Button
            operation="runs.pause"
            icon={<Pause size={14} />}
            busy={pause.isPending}
            onClick={() => pause.mutate({ run: run.id, reason: texts.pauseReason })}
          >
            {texts.pause}
          </Button>
        ))}
      {isRunning && (
        <Button
          operation="runs.cancel"
          look="danger"
          icon={<CircleStop size={14} />}
          onClick={() => setAsks('cancel')}
        >
          {texts.cancel}
        </Button>
      )}
      {!isRunning && hasFailed && (
        <Button
          operation="runs.start"
          look="primary"
          icon={<RotateCcw size={14} />}
          onClick={() => setAsks('rerun')}
        >
          {texts.rerun}
        </Button>
      )}
      {!isRunning && hasWritten && run.undoneAt === null && (
        <Button operation="runs.undo" icon={<Undo2 size={14} />} onClick={() => setAsks('undo')}>
          {texts.undo}
        </Button>
      )}
      <Dialog
        open={asks === 'cancel'}
        onClose={close}
        size="small"
        title={texts.cancelTitle}
        note={texts.cancelNote}
        actions={
          <>
            <Button look="quiet" onClick={close}>
              {common.cancel}
            </Button>
            <Button
              look="danger"
              busy={cancel.isPending}
              onClick={() => cancel.mutate({ run: run.id })}
            >
              {texts.cancel}
            </Button>
          </>
        }
      />
      {asks === 'undo' && <UndoDialog run={run.id} onClose={close} />}
      {asks === 'rerun' && (
        <PlanDialog
          question={{ failedOf: run.id }}
          what={texts.rerunWhat(run.title)}
          modes={['rerun']}
          onClose={close}
          onStarted={({ id }) =>
            void navigate({ to: '/t/$tenant/runs/$run', params: { tenant, run: id } })
          }
        />
      )}
    </>
  )
}
