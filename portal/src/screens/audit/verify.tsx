import { useQuery } from '@tanstack/react-query'
import { CircleCheck, TriangleAlert } from 'lucide-react'

import { useTenant } from '~/api/access.ts'
import { operationQuery } from '~/api/operation.ts'
import { auditTexts as texts } from '~/texts/audit.ts'
import { formatCount } from '~/ui/format.ts'
import { Problem } from '~/ui/states.tsx'

/** Follows the chain once, and says what was found. */
export function Verified({ turn }: { readonly turn: number }) {
  const tenant = useTenant()
  const query = operationQuery(tenant, 'audit.verify', {})
  const checked = useQuery({
    ...query,
    queryKey: [...query.queryKey, turn],
    staleTime: Infinity,
  })
  if (checked.error) return <Problem error={checked.error} again={() => void checked.refetch()} />
  if (checked.data === undefined) {
    return (
      <p role="status" className="rounded-md bg-busy-soft px-4 py-3 text-sm text-busy">
        {texts.verifying}
      </p>
    )
  }
  const { rows, head, broken } = checked.data
  if (broken !== null) {
    return (
      <div
        role="alert"
        className="flex gap-3 rounded-md border border-bad bg-bad-soft px-4 py-3 text-sm"
      >
        <TriangleAlert size={18} aria-hidden className="shrink-0 text-bad" />
        <div className="[overflow-wrap:anywhere]">
          <p className="font-medium text-bad">
            {texts.broken(formatCount(broken.seq))}: {broken.problem}
          </p>
          <p>{texts.brokenHint}</p>
        </div>
      </div>
    )
  }
  return (
    <div role="status" className="flex gap-3 rounded-md bg-good-soft px-4 py-3 text-sm">
      <CircleCheck size={18} aria-hidden className="shrink-0 text-good" />
      <div className="min-w-0">
        <p className="font-medium text-good">{texts.whole(formatCount(rows))}</p>
        <p className="text-xs text-soft [overflow-wrap:anywhere]">
          {texts.head(formatCount(head.seq))} <code className="font-mono">{head.hash}</code>
        </p>
      </div>
    </div>
  )
}
