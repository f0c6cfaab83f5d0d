import { useOperation } from '~/api/operation.ts'
import { Facts } from '~/screens/schedules/facts.tsx'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'

/** A sensor: when it looked, and what it found. */
export function SensorFacts({ source }: { readonly source: string }) {
  const shown = useOperation('sensors.show', { source })
  return (
    <Answer of={shown}>
      {(sensor) => (
        <Facts
          of={[
            [texts.source, sensor.source],
            [texts.everySensor, formatDuration(sensor.everyMs)],
            [texts.settle, formatDuration(sensor.settleMs)],
            [
              texts.looked,
              sensor.lookedAt === null ? texts.lookedNever : <Time at={sensor.lookedAt} />,
            ],
            [
              texts.outcome,
              sensor.objects === null
                ? null
                : texts.objects(formatCount(sensor.objects), formatCount(sensor.arrived ?? 0)),
            ],
            [texts.lastError, sensor.failures === 0 ? null : texts.failures(sensor.failures)],
            [texts.createdBy, sensor.createdBy],
          ]}
        />
      )}
    </Answer>
  )
}
