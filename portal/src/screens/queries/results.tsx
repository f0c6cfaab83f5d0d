import { Table2 } from 'lucide-react'

import type { OutputOf } from '~/api/client.ts'
import type { Asked } from '~/rows/ask.ts'
import { AskedView } from '~/rows/asked-view.tsx'
import { PlanView } from '~/screens/queries/plan-view.tsx'
import { queriesTexts as texts } from '~/texts/queries.ts'
import { Card } from '~/ui/card.tsx'
import { Empty, Problem, SkeletonRows } from '~/ui/states.tsx'

/** What came of the last thing that was asked: rows, a plan, or what is wrong with the text. */
export function Results({
  isPending,
  error,
  again,
  asked,
  plan,
  actions,
}: {
  readonly isPending: boolean
  readonly error: unknown
  readonly again: () => void
  readonly asked: Asked | undefined
  readonly plan: OutputOf<'queries.explain'> | undefined
  readonly actions?: React.ReactNode
}) {
  return (
    <Card title={plan ? texts.plan : texts.results} actions={asked && actions} flush>
      <div aria-live="polite">
        {isPending ? (
          <SkeletonRows />
        ) : error ? (
          <Problem error={error} again={again} />
        ) : plan ? (
          <PlanView plan={plan} />
        ) : asked ? (
          <AskedView asked={asked} label={texts.results} />
        ) : (
          <Empty title={texts.notYet} icon={<Table2 size={26} aria-hidden />}>
            {texts.notYetHint}
          </Empty>
        )}
      </div>
    </Card>
  )
}
