import type { OutputOf } from '~/api/client.ts'

export type Member = OutputOf<'members.list'>['members'][number]

/** What somebody is about to do with a member. */
export interface MemberDeed {
  readonly member: Member
  readonly deed: 'role' | 'remove'
}
