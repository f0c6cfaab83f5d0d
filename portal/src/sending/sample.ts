import { useQuery } from '@tanstack/react-query'

import type { MillraceError } from '#sdk/error.ts'
import { parseExact } from '#sdk/exact-json.ts'
import { useTenant } from '~/api/access.ts'
import { callOperation, type InputOf } from '~/api/client.ts'
import type { AskedInput } from '~/sending/asked-draft.ts'

/** A mail draws its chart of as many. */
const CHART_ROWS = 200

export interface Sample {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** The first rows of a question, of which a mail's chart is drawn; null: nothing is asked yet. */
export function useSample(asked: AskedInput | null, limit = CHART_ROWS) {
  const tenant = useTenant()
  return useQuery<Sample, MillraceError>({
    queryKey: ['call', tenant, 'rows.page', { ...asked, limit }],
    enabled: asked !== null,
    // The former picture stays while a condition changes, and goes with the thing that it is of.
    placeholderData: (former, query) =>
      subjectOf(query?.queryKey[3] as AskedInput | undefined) === subjectOf(asked)
        ? former
        : undefined,
    queryFn: async ({ signal }) => {
      const input = { ...asked, limit } as InputOf<'rows.page'>
      const stream = await callOperation(tenant, 'rows.page', input, { signal })
      return parseExact(await stream.text()) as Sample
    },
  })
}

const subjectOf = (asked: AskedInput | null | undefined): string =>
  JSON.stringify([asked?.endpoint, asked?.dataset])
