import { useCallback, useState } from 'react'

import { emptyDraft, fromStored, toStored, type Draft } from '~/screens/operate-tenant-new/draft.ts'

const PLACE = 'millrace-new-tenant'

function newDraft(): Draft {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return emptyDraft(`portal-${crypto.randomUUID()}`, zone)
}

/** The draft of this browser, kept with each change. */
export function useDraft() {
  const [stored] = useState(() => fromStored(localStorage.getItem(PLACE), newDraft()))
  const [draft, setDraft] = useState(() => stored ?? newDraft())
  const change = useCallback((changes: Partial<Draft>) => {
    setDraft((former) => {
      const next = { ...former, ...changes }
      localStorage.setItem(PLACE, toStored(next))
      return next
    })
  }, [])
  const forget = useCallback(() => {
    localStorage.removeItem(PLACE)
    setDraft(newDraft())
  }, [])
  return { draft, change, forget, wasBegun: stored !== null }
}
