import { Link } from '@tanstack/react-router'
import { CircleCheck, Circle, X } from 'lucide-react'
import { useState } from 'react'

import { useMay, useTenant } from '~/api/access.ts'
import type { OperationName, OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { hasDone, noteDone } from '~/browser/last-visit.ts'
import { homeTexts as texts } from '~/texts/home.ts'
import { IconButton } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Gauge } from '~/ui/drawings.tsx'

type StepName = OutputOf<'home.steps'>['steps'][number]['step'] | 'chart'

const ways = {
  source: { to: '/t/$tenant/sources', needs: 'sources.configure' },
  data: { to: '/t/$tenant/sources', needs: 'status.show' },
  run: { to: '/t/$tenant/matrix', needs: 'runs.start' },
  chart: { to: '/t/$tenant/explore', needs: 'endpoints.list' },
  key: { to: '/t/$tenant/keys', needs: 'keys.create' },
  colleague: { to: '/t/$tenant/people', needs: 'invitations.create' },
} as const satisfies Record<StepName, { readonly to: string; readonly needs: OperationName }>

/** What a new tenant does first, ticked as it happens; gone when all is done or somebody has seen enough. */
export function FirstSteps() {
  const tenant = useTenant() ?? ''
  const may = useMay()
  const isWanted = may('home.steps')
  const steps = useOperation('home.steps', {}, { enabled: isWanted, everyMs: stillOpen })
  const [isHidden, setHidden] = useState(() => hasDone('steps', tenant))
  if (!isWanted || isHidden || steps.data === undefined) return null
  const shown: { step: StepName; done: boolean }[] = [
    ...steps.data.steps.slice(0, 3),
    { step: 'chart', done: hasDone('chart', tenant) },
    ...steps.data.steps.slice(3),
  ]
  const own = shown.filter(({ step }) => may(ways[step].needs))
  const done = own.filter((step) => step.done).length
  if (done === own.length) return null
  return (
    <Card
      title={texts.begin}
      note={texts.beginNote(done, own.length)}
      actions={
        <IconButton
          label={texts.hide}
          onClick={() => {
            noteDone('steps', tenant)
            setHidden(true)
          }}
        >
          <X size={16} />
        </IconButton>
      }
    >
      <div className="flex flex-col gap-3">
        <Gauge share={done / own.length} label={texts.begin} warnAt={2} />
        <ol className="grid gap-1 sm:grid-cols-2 xl:grid-cols-3">
          {own.map(({ step, done: isDone }) => (
            <li key={step} className="flex min-w-0 items-center gap-2 text-sm">
              {isDone ? (
                <CircleCheck size={18} className="shrink-0 text-good" aria-label={texts.stepDone} />
              ) : (
                <Circle size={18} className="shrink-0 text-faint" aria-label={texts.stepOpen} />
              )}
              <Link
                to={ways[step].to}
                params={{ tenant }}
                className={classes(
                  'min-w-0 py-1 hover:underline',
                  isDone && 'text-faint line-through decoration-line-strong',
                )}
              >
                {texts.steps[step].title}
              </Link>
            </li>
          ))}
        </ol>
      </div>
    </Card>
  )
}

const LOOK_MS = 15_000

/** Keys and people make no event: it is looked at now and then while something is open. */
function stillOpen(data: OutputOf<'home.steps'> | undefined): number | false {
  return data === undefined || data.steps.some(({ done }) => !done) ? LOOK_MS : false
}
