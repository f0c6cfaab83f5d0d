import { X } from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { common } from '~/texts/common.ts'
import { planTexts as texts } from '~/texts/plan.ts'
import { Button, ButtonLink, IconButton } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Progress } from '~/ui/drawings.tsx'
import { formatDuration } from '~/ui/format.ts'
import { Answer, Skeleton } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { showDone } from '~/ui/toast.tsx'

const EVERY_MS = 700

/** A run that was started here: how far it is, what came of it, and the ways on. */
export function RunStrip({ run, onHide }: { readonly run: string; readonly onHide: () => void }) {
  const view = useOperation(
    'runs.get',
    { run },
    { everyMs: (data) => (data === undefined || data.run.state === 'running' ? EVERY_MS : false) },
  )
  return (
    <section
      aria-label={texts.openRun}
      className="rounded-lg border border-line bg-surface px-4 py-2.5 shadow-card"
    >
      <Answer of={view} waiting={<Skeleton className="h-7 w-full" />}>
        {(shown) => <Told view={shown} onHide={onHide} />}
      </Answer>
    </section>
  )
}

type View = OutputOf<'runs.get'>

function Told({ view, onHide }: { readonly view: View; readonly onHide: () => void }) {
  const { run, remainingMs } = view
  const tenant = useTenant() ?? ''
  const [asks, setAsks] = useState(false)
  const cancel = useChange('runs.cancel')
  const counts = totalsOf(view)
  const isRunning = run.state === 'running'
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
      <Status
        state={run.undoneAt === null ? run.state : 'undone'}
        label={texts.states[run.state] ?? run.state}
      />
      <div className="min-w-40 grow">
        <div className="num flex flex-wrap gap-x-3 text-xs text-soft" aria-live="polite">
          <span>{texts.progress(counts.ended, counts.all)}</span>
          {isRunning && remainingMs !== null && (
            <span>{texts.remaining(formatDuration(remainingMs))}</span>
          )}
          {counts.unchanged > 0 && <span>{texts.unchanged(counts.unchanged)}</span>}
          {counts.bad > 0 && <span className="text-bad">{texts.failures(counts.bad)}</span>}
        </div>
        <div className="mt-1">
          <Progress
            label={texts.progress(counts.ended, counts.all)}
            share={counts.all === 0 ? null : counts.ended / counts.all}
          />
        </div>
      </div>
      <div className="flex items-center gap-1.5">
        {isRunning && (
          <Button
            size="small"
            operation="runs.cancel"
            busy={cancel.isPending}
            onClick={() => cancel.mutate({ run: run.id })}
          >
            {texts.cancel}
          </Button>
        )}
        {!isRunning && run.undoneAt === null && counts.done > 0 && (
          <Button size="small" operation="runs.undo" onClick={() => setAsks(true)}>
            {texts.undo}
          </Button>
        )}
        <ButtonLink
          size="small"
          to="/t/$tenant/runs/$run"
          params={{ tenant, run: run.id }}
          operation="runs.get"
        >
          {texts.openRun}
        </ButtonLink>
        <IconButton label={texts.hide} onClick={onHide}>
          <X size={16} />
        </IconButton>
      </div>
      {asks && <Undo run={run.id} onClose={() => setAsks(false)} />}
    </div>
  )
}

function Undo({ run, onClose }: { readonly run: string; readonly onClose: () => void }) {
  const undo = useChange('runs.undo', {
    onDone: ({ restored, kept }) => {
      showDone(texts.undone(restored.length, kept.length))
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={texts.undoTitle}
      note={texts.undoNote}
      actions={
        <>
          <Button look="quiet" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button look="danger" busy={undo.isPending} onClick={() => undo.mutate({ run })}>
            {texts.undoDo}
          </Button>
        </>
      }
    />
  )
}

function totalsOf({ datasets }: View) {
  const sum = { all: 0, ended: 0, done: 0, unchanged: 0, bad: 0 }
  for (const { counts } of datasets) {
    const { done, unchanged, held, failed, skipped, cancelled, waiting, ready, running } = counts
    const ended = done + unchanged + held + failed + skipped + cancelled
    sum.ended += ended
    sum.all += ended + waiting + ready + running
    sum.done += done
    sum.unchanged += unchanged
    sum.bad += failed + held
  }
  return sum
}
