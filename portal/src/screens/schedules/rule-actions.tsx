import { Pause, Play, Trash2, Zap } from 'lucide-react'

import { useChange } from '~/api/operation.ts'
import type { Trigger } from '~/screens/schedules/trigger-lines.tsx'
import { useTriggersAgain } from '~/screens/schedules/use-removal.ts'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { Button } from '~/ui/button.tsx'
import { showDone } from '~/ui/toast.tsx'

/** Pause, go on, fire, delete: as far as the kind has it and the viewer may. */
export function RuleActions({
  trigger,
  onRemove,
}: {
  readonly trigger: Trigger
  readonly onRemove: () => void
}) {
  const { kind, name, pausedAt } = trigger
  const again = useTriggersAgain()
  const told = (words: string) => ({
    onDone: () => {
      again()
      showDone(words)
    },
  })
  const pauseSchedule = useChange('schedules.pause', told(texts.pausedDone))
  const resumeSchedule = useChange('schedules.resume', told(texts.resumedDone))
  const fire = useChange('schedules.fire', told(texts.firedDone))
  const pauseSensor = useChange('sensors.pause', told(texts.pausedDone))
  const resumeSensor = useChange('sensors.resume', told(texts.resumedDone))
  const of = `${kind}s` as 'schedules' | 'sensors'
  return (
    <>
      <span className="mr-auto">
        <Button
          look="danger"
          operation={kind === 'freshness' ? 'freshness.delete' : `${of}.delete`}
          icon={<Trash2 size={14} />}
          onClick={onRemove}
        >
          {texts.remove}
        </Button>
      </span>
      {kind !== 'freshness' && pausedAt === null && (
        <Button
          operation={`${of}.pause`}
          icon={<Pause size={14} />}
          busy={pauseSchedule.isPending || pauseSensor.isPending}
          onClick={() =>
            kind === 'schedule'
              ? pauseSchedule.mutate({ name })
              : pauseSensor.mutate({ source: name })
          }
        >
          {texts.pause}
        </Button>
      )}
      {kind !== 'freshness' && pausedAt !== null && (
        <Button
          operation={`${of}.resume`}
          icon={<Play size={14} />}
          busy={resumeSchedule.isPending || resumeSensor.isPending}
          onClick={() =>
            kind === 'schedule'
              ? resumeSchedule.mutate({ name })
              : resumeSensor.mutate({ source: name })
          }
        >
          {texts.resume}
        </Button>
      )}
      {kind === 'schedule' && (
        <Button
          look="primary"
          operation="schedules.fire"
          icon={<Zap size={14} />}
          busy={fire.isPending}
          onClick={() => fire.mutate({ name })}
        >
          {texts.fire}
        </Button>
      )}
    </>
  )
}
