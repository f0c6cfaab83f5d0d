import { useQueryClient } from '@tanstack/react-query'

import { useTenant } from '~/api/access.ts'
import { useChange } from '~/api/operation.ts'
import type { Trigger } from '~/screens/schedules/trigger-lines.tsx'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { showDone } from '~/ui/toast.tsx'

/** Asks for all triggers again: they belong to three resources. */
export function useTriggersAgain(): () => void {
  const queries = useQueryClient()
  const tenant = useTenant()
  return () =>
    void queries.invalidateQueries({
      predicate: ({ queryKey }) => queryKey[1] === tenant && queryKey[2] === 'triggers.list',
    })
}

/** The way to delete a trigger of any kind. */
export function useRemoval(
  { kind, name }: Trigger,
  onDone: () => void,
): { readonly isBusy: boolean; readonly remove: () => void } {
  const again = useTriggersAgain()
  const done = {
    onDone: () => {
      onDone()
      again()
      showDone(texts.removedDone)
    },
  }
  const schedule = useChange('schedules.delete', done)
  const sensor = useChange('sensors.delete', done)
  const freshness = useChange('freshness.delete', done)
  return {
    isBusy: schedule.isPending || sensor.isPending || freshness.isPending,
    remove() {
      if (kind === 'schedule') schedule.mutate({ name })
      else if (kind === 'sensor') sensor.mutate({ source: name })
      else freshness.mutate({ dataset: name })
    },
  }
}
