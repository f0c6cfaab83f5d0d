import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { PlanSummary } from '~/plan/plan-summary.tsx'
import {
  planInput,
  type Plan,
  type PlanMode,
  type PlanOrder,
  type PlanQuestion,
} from '~/plan/question.ts'
import { common } from '~/texts/common.ts'
import { planTexts as texts } from '~/texts/plan.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Answer, SkeletonRows } from '~/ui/states.tsx'
import { showProblem } from '~/ui/toast.tsx'

export type StartedRun = NonNullable<OutputOf<'runs.start'>['run']>

/**
 * What would run, why and for how long, before it runs. The plan that was shown is the one that is
 * applied; where the world has moved meanwhile, nothing starts and the new plan is shown beside the old.
 */
export function PlanDialog({
  question,
  what,
  modes = ['run', 'rerun', 'follow'],
  initialMode = 'rerun',
  onClose,
  onStarted,
}: {
  readonly question: PlanQuestion
  /** In words: `14 parts of 3 datasets`. */
  readonly what: string
  readonly modes?: readonly PlanMode[]
  readonly initialMode?: PlanMode
  readonly onClose: () => void
  readonly onStarted: (run: StartedRun) => void
}) {
  const [mode, setMode] = useState<PlanMode>(initialMode)
  const [order, setOrder] = useState<PlanOrder>('oldest')
  const [moved, setMoved] = useState<{ former: Plan; words: readonly string[] } | null>(null)
  const plan = useOperation('plans.show', planInput(question, mode, order), { keepFormer: true })
  const start = useChange('runs.start', {
    quiet: true,
    onDone: ({ run }) => {
      onClose()
      if (run) onStarted(run)
    },
  })
  const { data } = plan
  const isOld = plan.isPlaceholderData || plan.isFetching
  const confirm = () => {
    if (!data?.token) return
    start.mutate(
      { basis: data.token, title: `${texts.title(what)} (${texts.modes[mode]})`.slice(0, 200) },
      {
        onError: (error) => {
          if (error.code !== 'plan-moved') return showProblem(error)
          const words = error.details['moved']
          setMoved({ former: data, words: Array.isArray(words) ? words.map(String) : [] })
          void plan.refetch()
        },
      },
    )
  }
  const change = (next: () => void) => {
    setMoved(null)
    next()
  }
  const tasks = data?.summary.tasks ?? 0
  return (
    <Dialog
      open
      size="wide"
      onClose={onClose}
      title={texts.title(what)}
      note={texts.note}
      actions={
        <>
          <div className="mr-auto">
            <Segments
              label={texts.order}
              value={order}
              onChange={(next) => change(() => setOrder(next))}
              segments={(['oldest', 'newest'] as const).map((value) => ({
                value,
                label: texts.orders[value],
              }))}
            />
          </div>
          <Button look="quiet" onClick={onClose}>
            {common.cancel}
          </Button>
          <Button
            look="primary"
            operation="runs.start"
            disabled={tasks === 0 || isOld}
            busy={start.isPending}
            onClick={confirm}
          >
            {texts.start(tasks)}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        {modes.length > 1 && (
          <div>
            <Segments
              label={texts.mode}
              value={mode}
              onChange={(next) => change(() => setMode(next))}
              segments={modes.map((value) => ({ value, label: texts.modes[value] }))}
            />
            <p className="mt-1.5 text-xs text-faint">{texts.modeNotes[mode]}</p>
          </div>
        )}
        {moved && (
          <div role="alert" className="rounded-md border border-warn bg-warn-soft p-3 text-sm">
            <p className="font-medium text-warn">{texts.moved}</p>
            <ul className="mt-1 list-disc pl-5">
              {moved.words.map((word) => (
                <li key={word} className="[overflow-wrap:anywhere]">
                  {word}
                </li>
              ))}
            </ul>
            <p className="mt-1 text-soft">{texts.movedNote}</p>
          </div>
        )}
        <Answer of={plan} waiting={<SkeletonRows rows={5} />}>
          {(shown) => (
            <div aria-busy={isOld} className={isOld ? 'opacity-60' : ''}>
              <PlanSummary plan={shown} mode={mode} former={moved?.former ?? null} />
            </div>
          )}
        </Answer>
      </div>
    </Dialog>
  )
}
