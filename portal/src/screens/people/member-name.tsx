import { Building2, ShieldCheck } from 'lucide-react'

import { useAccount } from '~/api/access.ts'
import type { Member } from '~/screens/people/member.ts'
import { people } from '~/texts/people.ts'
import { classes } from '~/ui/classes.ts'
import { Status } from '~/ui/status.tsx'
import { Time, useNow } from '~/ui/time.tsx'

/** Who it is and how they come in. */
export function MemberName({ member }: { readonly member: Member }) {
  const { id, name, email, hasTotp, isDisabled, provider } = member
  const isOwn = useAccount()?.userId === id
  return (
    <span className="flex min-w-0 items-center gap-2.5">
      <span
        aria-hidden
        className={classes(
          'flex size-8 shrink-0 items-center justify-center rounded-full text-xs font-semibold',
          isDisabled ? 'bg-idle-soft text-soft' : 'bg-accent-soft text-accent',
        )}
      >
        {initialsOf(name)}
      </span>
      <span className="min-w-0">
        <span className="flex min-w-0 items-center gap-1.5">
          <span className="truncate text-sm font-medium" title={name}>
            {name}
          </span>
          {isOwn && <span className="shrink-0 text-xs text-faint">({people.you})</span>}
          {provider !== null && (
            <Building2
              size={13}
              role="img"
              aria-label={people.byProvider}
              className="shrink-0 text-faint"
            >
              <title>{people.byProvider}</title>
            </Building2>
          )}
          {hasTotp && (
            <ShieldCheck
              size={13}
              role="img"
              aria-label={people.withTotp}
              className="shrink-0 text-good"
            >
              <title>{people.withTotp}</title>
            </ShieldCheck>
          )}
          {isDisabled && <Status state="suspended" label={people.disabled} />}
        </span>
        <span className="block truncate text-xs text-faint">{email}</span>
      </span>
    </span>
  )
}

/** So long the server remembers when somebody was at work. */
const REMEMBERED_MS = 14 * 86_400_000

export function LastSeen({ member: { seenAt, since } }: { readonly member: Member }) {
  const now = useNow()
  if (seenAt !== null) return <Time at={seenAt} />
  const isNew = now - Date.parse(since) < REMEMBERED_MS
  return <span className="text-faint">{isNew ? people.notYet : people.notSeen}</span>
}

function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return letters
    .map((word) => Array.from(word ?? '')[0] ?? '')
    .join('')
    .toUpperCase()
}
