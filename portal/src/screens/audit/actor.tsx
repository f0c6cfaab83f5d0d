import { Cog, KeyRound, ShieldCheck, User } from 'lucide-react'

import { actorOf } from '~/screens/audit/changes.ts'
import { auditTexts as texts } from '~/texts/audit.ts'

const icons = { key: KeyRound, user: User, operator: ShieldCheck, system: Cog }
const words = { key: texts.key, user: '', operator: texts.operator, system: texts.system }

/** Who did it: a person by his address, a key, an operator. */
export function ActorName({ actor }: { readonly actor: string }) {
  const { kind, name } = actorOf(actor)
  const Icon = icons[kind]
  return (
    <span
      className="inline-flex max-w-full min-w-0 items-center gap-1.5 align-middle"
      title={actor}
    >
      <Icon size={14} aria-hidden className="shrink-0 text-faint" />
      <bdi className="truncate">{[words[kind], name].filter((part) => part !== '').join(' ')}</bdi>
    </span>
  )
}
