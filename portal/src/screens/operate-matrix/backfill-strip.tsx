import { X } from 'lucide-react'

import { useChange, useOperation } from '~/api/operation.ts'
import { operateMatrixTexts as texts } from '~/texts/operate-matrix.ts'
import { Button, IconButton } from '~/ui/button.tsx'
import { Progress } from '~/ui/drawings.tsx'
import { Answer, Skeleton } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { showDone } from '~/ui/toast.tsx'

const EVERY_MS = 1_000
const open: readonly string[] = ['planning', 'running', 'paused']

/** A backfill that was started here: how far it is, and the ways to steer it. */
export function BackfillStrip({
  backfill,
  onHide,
}: {
  readonly backfill: string
  readonly onHide: () => void
}) {
  const shown = useOperation(
    'backfills.show',
    { backfill },
    {
      everyMs: (data) =>
        data === undefined || open.includes(data.backfill.state) ? EVERY_MS : false,
    },
  )
  const pause = useChange('backfills.pause')
  const resume = useChange('backfills.resume')
  const cancel = useChange('backfills.cancel')
  const undo = useChange('backfills.undo', { onDone: () => showDone(texts.undone) })
  return (
    <section
      aria-label={texts.running}
      className="rounded-lg border border-line bg-surface px-4 py-2.5 shadow-card"
    >
      <Answer of={shown} waiting={<Skeleton className="h-7 w-full" />}>
        {({ backfill: { id, state, title, tasks, undoneAt } }) => {
          const { done, unchanged, held, failed, skipped, cancelled } = tasks
          const ended = done + unchanged + held + failed + skipped + cancelled
          const isOpen = open.includes(state)
          return (
            <div className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
              <Status state={undoneAt === null ? state : 'undone'} label={texts.states[state]} />
              <div className="min-w-40 grow">
                <div className="num flex flex-wrap gap-x-3 text-xs text-soft" aria-live="polite">
                  <span className="truncate">{title}</span>
                  <span>{texts.progress(ended, tasks.total)}</span>
                </div>
                <div className="mt-1">
                  <Progress
                    label={texts.progress(ended, tasks.total)}
                    share={tasks.total === 0 ? (isOpen ? null : 1) : ended / tasks.total}
                  />
                </div>
              </div>
              <div className="flex items-center gap-1.5">
                {state === 'paused' ? (
                  <Button size="small" onClick={() => resume.mutate({ backfill: id })}>
                    {texts.resume}
                  </Button>
                ) : (
                  isOpen && (
                    <Button size="small" onClick={() => pause.mutate({ backfill: id })}>
                      {texts.pause}
                    </Button>
                  )
                )}
                {isOpen && (
                  <Button size="small" onClick={() => cancel.mutate({ backfill: id })}>
                    {texts.cancel}
                  </Button>
                )}
                {!isOpen && undoneAt === null && done > 0 && (
                  <Button
                    size="small"
                    busy={undo.isPending}
                    onClick={() => undo.mutate({ backfill: id })}
                  >
                    {texts.undo}
                  </Button>
                )}
                <IconButton label={texts.hide} onClick={onHide}>
                  <X size={16} />
                </IconButton>
              </div>
            </div>
          )
        }}
      </Answer>
    </section>
  )
}
