import { useOperation } from '~/api/operation.ts'
import { Facts } from '~/screens/schedules/facts.tsx'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { formatDuration } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

/** A rule about age: what it holds, and since when it does not. */
export function FreshnessFacts({ dataset }: { readonly dataset: string }) {
  const rules = useOperation('freshness.list', {})
  return (
    <Answer of={rules}>
      {({ rules: all }) => {
        const rule = all.find((one) => one.dataset === dataset)
        if (!rule) return null
        return (
          <Facts
            of={[
              [texts.dataset, rule.dataset],
              [texts.age, formatDuration(rule.maxAgeMs)],
              [
                texts.outcome,
                <Status
                  key="state"
                  state={rule.state === 'breached' ? 'breached' : 'ok'}
                  label={rule.state === 'breached' ? texts.breached : 'ok'}
                />,
              ],
              [texts.newest, rule.newest],
              [texts.when, rule.breachAt === null ? null : <Time at={rule.breachAt} exact />],
              [texts.origin, texts.origins[rule.origin]],
            ]}
          />
        )
      }}
    </Answer>
  )
}
