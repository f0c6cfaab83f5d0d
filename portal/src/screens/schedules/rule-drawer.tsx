import { useState } from 'react'

import { FreshnessFacts } from '~/screens/schedules/freshness-facts.tsx'
import { RuleActions } from '~/screens/schedules/rule-actions.tsx'
import { ScheduleFacts } from '~/screens/schedules/schedule-facts.tsx'
import { SensorFacts } from '~/screens/schedules/sensor-facts.tsx'
import { ruleWords, type Trigger } from '~/screens/schedules/trigger-lines.tsx'
import { common } from '~/texts/common.ts'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog, Drawer } from '~/ui/dialog.tsx'
import { useRemoval } from '~/screens/schedules/use-removal.ts'

/** One rule: what it means, when it comes, what became of it, and what may be done about it. */
export function RuleDrawer({
  trigger,
  onClose,
}: {
  readonly trigger: Trigger
  readonly onClose: () => void
}) {
  const [asks, setAsks] = useState(false)
  const removal = useRemoval(trigger, onClose)
  return (
    <>
      <Drawer
        open
        onClose={onClose}
        title={trigger.name}
        note={ruleWords(trigger)}
        actions={<RuleActions trigger={trigger} onRemove={() => setAsks(true)} />}
      >
        {trigger.problem !== null && (
          <div className="mb-4 rounded-md bg-bad-soft px-3 py-2 text-sm">
            <p className="font-medium text-bad">{texts.lastError}</p>
            <p className="[overflow-wrap:anywhere]">{trigger.problem}</p>
          </div>
        )}
        {trigger.kind === 'schedule' && <ScheduleFacts trigger={trigger} />}
        {trigger.kind === 'sensor' && <SensorFacts source={trigger.name} />}
        {trigger.kind === 'freshness' && <FreshnessFacts dataset={trigger.name} />}
      </Drawer>
      <Dialog
        open={asks}
        onClose={() => setAsks(false)}
        size="small"
        title={texts.removeTitle(trigger.name)}
        note={texts.removeNote}
        actions={
          <>
            <Button look="quiet" onClick={() => setAsks(false)}>
              {common.cancel}
            </Button>
            <Button look="danger" busy={removal.isBusy} onClick={removal.remove}>
              {texts.remove}
            </Button>
          </>
        }
      />
    </>
  )
}
